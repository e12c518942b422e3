import { environment } from "../../adapters/environment.ts";
import { lambdaLog } from "../../adapters/lambda-log.ts";
import { embeddedMetrics } from "../../adapters/metrics.ts";
import { metricsNamespaceIn } from "../../adapters/metrics-namespace.ts";
import { deadLetter } from "../dead-letter.ts";

/** Handles batches of the dead-letter queue. It has one setting and uses only its log. */
export const handler = deadLetter({
  log: lambdaLog("dead-letter"),
  // Not by readSettings as elsewhere: with zod the bundle is four times as large.
  metrics: embeddedMetrics("dead-letter", metricsNamespaceIn(environment())),
});
