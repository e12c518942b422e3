import { Duration } from "aws-cdk-lib";
import { EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { type CommonFunctionProps, DeliveryFunction } from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { receive, useKey } from "./grants.ts";

export interface DeadLetterFunctionProps extends CommonFunctionProps {
  readonly deadLetters: IQueue;
}

/** Logs and counts the records on the dead-letter queue, and removes them. */
export class DeadLetterFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: DeadLetterFunctionProps) {
    const { deadLetters, settings, metricsNamespace, encryptionKey } = props;
    super(scope, id, {
      ...props,
      bundle: "dead-letter",
      description: "Logs and counts the records on the dead-letter queue",
      memoryMb: 256,
      timeout: Duration.seconds(20),
      environment: environmentOf("deadLetter", { metricsNamespace }, settings),
      statements: [receive(deadLetters), ...useKey(encryptionKey, "receive")],
    });
    new EventSourceMapping(this, "Source", {
      target: this.invoked,
      eventSourceArn: deadLetters.queueArn,
      batchSize: 10,
      maxConcurrency: 2,
      reportBatchItemFailures: true,
    });
  }
}
