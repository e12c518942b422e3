import type { SQSEvent } from "aws-lambda";
import type { Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";

/**
 * Says that a record could not be handled, five times over. The record holds no content, so it is
 * logged whole. It does not touch the message: that is still due, and the dispatcher sends it
 * again. An outage of ours must not fail anybody's message.
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
