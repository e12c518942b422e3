import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StorageProps } from "./storage.ts";
import { visibilityTimeout } from "./times.ts";

/** How often a record may be received before it moves to the dead-letter queue. */
const receivesMax = 5;

/** The queue and its dead-letter queue. Their records only point at messages in the table. */
export class Queues extends Construct {
  readonly deliveries: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { encryptionKey, removalPolicy }: StorageProps) {
    super(scope, id);
    const common = {
      encryption: encryptionKey ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy,
    };
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...common,
      visibilityTimeout: Duration.minutes(2),
    });
    this.deliveries = new Queue(this, "Deliveries", {
      ...common,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesMax },
    });
  }
}
