import { handle } from "hono/aws-lambda";
import { dynamoDbClient, sqsClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import { guardedPost } from "../adapters/http.ts";
import { lambdaLog } from "../adapters/log.ts";
import { embeddedMetrics } from "../adapters/metrics.ts";
import { sqsQueue } from "../adapters/queue.ts";
import { lambdaVariables, readSettings } from "../adapters/settings.ts";
import { compose } from "./compose.ts";
import { optionsOf } from "./options.ts";

/**
 * The composition root on AWS. Importing this reads the configuration, once for the life of the
 * process; a fault in it stops the function before its first event.
 */
const settings = readSettings(lambdaVariables, environment());
const options = optionsOf(settings, "never");
const storage = { client: dynamoDbClient(), table: settings.POSTRIDER_TABLE };

const handlersOf = (functionName: string) =>
  compose(
    {
      storage,
      queue: sqsQueue(sqsClient(), settings.POSTRIDER_QUEUE_URL),
      post: guardedPost(options.target.allowed, systemClock),
      log: lambdaLog(functionName),
      metrics: embeddedMetrics(functionName),
    },
    options,
  );

/** Answers events of an HTTP API, payload format version 2.0. */
export const api = handle(handlersOf("api").api());
/** Takes batches of the queue, and answers with the records that failed. */
export const worker = handlersOf("worker").worker();
/** Runs each minute. */
export const dispatcher = handlersOf("dispatcher").dispatcher();
/** Takes batches of the dead-letter queue. */
export const deadLetter = handlersOf("dead-letter").deadLetter();
