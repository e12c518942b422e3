import { Duration, RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Stage } from "./config.ts";

/** How long one invocation of the worker may take; shorter than a lease. */
export const workerTimeout = Duration.seconds(60);

/**
 * How long a record is hidden from others once it was received. Six times the function's time-out,
 * as AWS advises: Lambda may hold a batch back, and try it again, while it is throttled.
 */
export const visibility = Duration.seconds(6 * workerTimeout.toSeconds());

/** How often a record may come back before it is put aside. */
const receivesMax = 5;

export type Queues = { readonly queue: Queue; readonly deadLetters: Queue };

/**
 * The queue, and the one for records that we could not handle. Neither keeps anything that the table
 * does not know.
 */
export const queuesOf = (stack: Stack, { keepsData }: Stage, key: Key | undefined): Queues => {
  const both = {
    encryption: key ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  };
  const deadLetters = new Queue(stack, "DeadLetters", {
    ...both,
    visibilityTimeout: Duration.minutes(2),
  });
  const queue = new Queue(stack, "Queue", {
    ...both,
    visibilityTimeout: visibility,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: receivesMax },
  });
  return { queue, deadLetters };
};
