import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import {
  type CommonFunctionProps,
  DeliveryFunction,
  type DeliveryResources,
  resourceSettings,
} from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { queryIndexes, readSecret, send, useKey, useTable } from "./grants.ts";
import type { MasterKey } from "./master-key.ts";

export interface ApiFunctionProps extends CommonFunctionProps, DeliveryResources {
  readonly masterKey: MasterKey;
  readonly memoryMb: number;
  readonly listAll: boolean;
}

/** Accepts messages and reports their state. */
export class ApiFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    const { table, queues, masterKey, listAll, settings, encryptionKey } = props;
    const known = {
      ...resourceSettings(props),
      masterKeySecret: masterKey.secretArn,
      ...(!listAll && { listAll: "false" }),
    };
    super(scope, id, {
      ...props,
      bundle: "api",
      description: "Accepts messages and reports their state",
      // An HTTP API waits for 30 seconds at most, and then answers for the function.
      timeout: Duration.seconds(29),
      environment: environmentOf("api", known, settings),
      statements: [
        useTable(table, "BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        queryIndexes(table, listAll),
        send(queues.deliveries),
        readSecret(masterKey),
        ...useKey(table.encryptionKey, "table"),
        ...useKey(encryptionKey, "send", "masterKey"),
      ],
    });
  }
}
