import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import {
  type CommonFunctionProps,
  DeliveryFunction,
  type DeliveryResources,
  resourceSettings,
  tracingSettings,
} from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { queryIndexes, readSecret, readTracingHeaders, send, useKey, useTable } from "./grants.ts";
import type { MasterKey } from "./master-key.ts";
import type { TracingMember } from "./members.ts";

export interface ApiFunctionProps extends CommonFunctionProps, DeliveryResources {
  readonly masterKey: MasterKey;
  readonly tracing: TracingMember;
  readonly memoryMb: number;
  readonly listAll: boolean;
}

/** Accepts messages and reports their state. */
export class ApiFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    const { table, queues, masterKey, listAll, settings, tracing, encryptionKey } = props;
    const known = {
      ...resourceSettings(props),
      masterKeySecret: masterKey.secretArn,
      ...tracingSettings(tracing),
      ...(!listAll && { listAll: "false" }),
    };
    super(scope, id, {
      ...props,
      layerArn: tracing?.layerArn,
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
        ...readTracingHeaders(tracing?.headersSecretArn),
      ],
    });
  }
}
