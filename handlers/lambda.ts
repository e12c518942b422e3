import { handle } from "hono/aws-lambda";
import { dynamoDbClient, sqsClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import { guardedPost } from "../adapters/http.ts";
import { lambdaLog } from "../adapters/log.ts";
import { embeddedMetrics } from "../adapters/metrics.ts";
import { sqsQueue } from "../adapters/queue.ts";
import { lambdaVariables, oddities, readSettings } from "../adapters/settings.ts";
import { masterKeyVault } from "../adapters/vault.ts";
import { compose } from "./compose.ts";
import { optionsOf } from "./options.ts";

/**
 * The composition root on AWS. Importing this reads the configuration, once for the life of the
 * process; a fault in it stops the function before its first event.
 */
const settings = readSettings(lambdaVariables, environment());
const options = optionsOf(settings);
const storage = { client: dynamoDbClient(), table: settings.POSTRIDER_TABLE };
const vault = masterKeyVault(settings.POSTRIDER_MASTER_KEY);

const handlersOf = (functionName: string) => {
  const log = lambdaLog(functionName);
  log.line({
    event: "start",
    allowTargets: environment()["POSTRIDER_ALLOW_TARGETS"] ?? "none",
    allowHttp: options.target.http,
    warnings: oddities(settings, lambdaVariables, environment()),
  });
  return compose(
    {
      storage,
      queue: sqsQueue(sqsClient(), settings.POSTRIDER_QUEUE_URL),
      post: guardedPost({ policy: options.target, clock: systemClock }),
      vault,
      log,
      metrics: embeddedMetrics(functionName),
    },
    options,
  );
};

/** Answers events of an HTTP API, payload format version 2.0. */
export const api = handle(handlersOf("api").api());
/** Takes batches of the queue, and answers with the records that failed. */
export const worker = handlersOf("worker").worker();
/** Runs each minute. */
export const dispatcher = handlersOf("dispatcher").dispatcher();
/** Takes batches of the dead-letter queue. */
export const deadLetter = handlersOf("dead-letter").deadLetter();
