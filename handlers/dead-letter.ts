import type { SQSEvent } from "aws-lambda";
import type { Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";

/**
 * Logs a record that failed five times. The record has no content, so it is logged whole. The
 * message is not changed: it is still due, and the dispatcher sends another record. An outage of
 * ours must not fail anybody's message.
 */
export const deadLetter =
  ({ log, metrics }: { readonly log: Log; readonly metrics: Metrics }) =>
  async ({ Records }: SQSEvent) => {
    for (const { messageId, body, attributes } of Records) {
      log.line({
        event: "dead-letter",
        sqsMessageId: messageId,
        record: body,
        receives: Number(attributes.ApproximateReceiveCount),
        sentAt: Number(attributes.SentTimestamp),
      });
    }
    metrics.count("DeadLetters", Records.length);
    metrics.flush();
    return { batchItemFailures: [] };
  };
