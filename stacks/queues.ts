import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StorageProps } from "./storage.ts";

export interface QueuesProps extends StorageProps {
  /** How long one invocation of the worker may take. */
  readonly workerTimeout: Duration;
}

/** How often a record may be received before it moves to the dead-letter queue. */
const receivesMax = 5;

/** The queue and its dead-letter queue. Their records only point at messages in the table. */
export class Queues extends Construct {
  readonly deliveries: Queue;
  readonly deadLetters: Queue;
  readonly visibilityTimeout: Duration;

  constructor(
    scope: Construct,
    id: string,
    { encryptionKey, removalPolicy, workerTimeout }: QueuesProps,
  ) {
    super(scope, id);
    const common = {
      encryption: encryptionKey ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy,
    };
    // Six times the function's time-out, as AWS advises: while Lambda is throttled, it holds a batch
    // back and tries again.
    this.visibilityTimeout = Duration.seconds(6 * workerTimeout.toSeconds());
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...common,
      visibilityTimeout: Duration.minutes(2),
    });
    this.deliveries = new Queue(this, "Deliveries", {
      ...common,
      visibilityTimeout: this.visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receivesMax },
    });
  }
}
