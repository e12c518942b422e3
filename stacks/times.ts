import { Duration } from "aws-cdk-lib";

/**
 * How long one invocation of the worker may take. Shorter than a lease, so that a worker is gone when
 * its messages are free for others.
 */
export const workerTimeout = Duration.seconds(60);

/**
 * How long a record is hidden. Six times the function's time-out, as AWS advises: while Lambda is
 * throttled, it holds a batch back and tries again.
 */
export const visibilityTimeout = Duration.seconds(6 * workerTimeout.toSeconds());
