import { environment } from "../../adapters/environment.ts";
import { lambdaLog } from "../../adapters/log.ts";
import { embeddedMetrics, metricsNamespaceIn } from "../../adapters/metrics.ts";
import { deadLetter } from "../dead-letter.ts";

/** Takes batches of the dead-letter queue. It has one setting, and reaches nothing but its log. */
export const handler = deadLetter({
  log: lambdaLog("dead-letter"),
  // Not by readSettings, like those of the others: with zod the bundle is four times as large.
  metrics: embeddedMetrics("dead-letter", metricsNamespaceIn(environment())),
});
