import { EventSourceMapping, RecursiveLoop } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import {
  type CommonFunctionProps,
  DeliveryFunction,
  type DeliveryResources,
  resourceSettings,
  tracingSettings,
} from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { readSecret, readTracingHeaders, receive, send, useKey, useTable } from "./grants.ts";
import type { MasterKey } from "./master-key.ts";
import type { TracingMember } from "./members.ts";
import { visibilityTimeout, workerTimeout } from "./times.ts";

export interface WorkerFunctionProps extends CommonFunctionProps, DeliveryResources {
  readonly masterKey: MasterKey;
  readonly tracing: TracingMember;
  readonly memoryMb: number;
  readonly batchSize: number;
  readonly maxConcurrency: number;
}

/** Delivers the messages that the records on the queue point at. */
export class WorkerFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: WorkerFunctionProps) {
    const { table, queues, masterKey, settings, tracing, encryptionKey } = props;
    const known = {
      ...resourceSettings(props),
      masterKeySecret: masterKey.secretArn,
      ...tracingSettings(tracing),
      functionTimeoutMs: String(workerTimeout.toMilliseconds()),
      visibilityMs: String(visibilityTimeout.toMilliseconds()),
      // Node reads it when its process starts, before any of our code runs.
      threads: "256",
    };
    super(scope, id, {
      ...props,
      layerArn: tracing?.layerArn,
      bundle: "worker",
      description: "Delivers the messages that the records on the queue point at",
      timeout: workerTimeout,
      environment: environmentOf("worker", known, settings),
      statements: [
        useTable(table, "GetItem", "PutItem", "UpdateItem"),
        send(queues.deliveries),
        receive(queues.deliveries),
        readSecret(masterKey),
        ...useKey(table.encryptionKey, "table"),
        ...useKey(encryptionKey, "send", "masterKey"),
        ...readTracingHeaders(tracing?.headersSecretArn),
      ],
      // It sends its own retries to the queue that it reads. Lambda would take that for an endless
      // loop and stop it after 16 rounds. A message has at most 50 attempts.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    // Not SqsEventSource, which would grant the role more than it needs.
    new EventSourceMapping(this, "Source", {
      target: this.invoked,
      eventSourceArn: queues.deliveries.queueArn,
      batchSize: props.batchSize,
      maxConcurrency: props.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
