import { Duration } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { type CommonFunctionProps, DeliveryFunction } from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { readSecret, useKey, useSenders } from "./grants.ts";
import type { MasterKey } from "./master-key.ts";

export interface SendersFunctionProps extends CommonFunctionProps {
  readonly table: ITable;
  readonly masterKey: MasterKey;
}

/** Creates and changes the senders that the stack declares. CloudFormation calls it. */
export class SendersFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: SendersFunctionProps) {
    const { table, masterKey, metricsNamespace, encryptionKey } = props;
    const known = {
      ...{ table: table.tableName, masterKeySecret: masterKey.secretArn, metricsNamespace },
    };
    super(scope, id, {
      ...props,
      bundle: "senders",
      description: "Creates the senders that the stack declares",
      memoryMb: 256,
      timeout: Duration.minutes(2),
      environment: environmentOf("senders", known, {}),
      statements: [
        useSenders(table),
        readSecret(masterKey),
        ...useKey(table.encryptionKey, "table"),
        ...useKey(encryptionKey, "masterKey"),
      ],
    });
  }
}
