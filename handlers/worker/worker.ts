import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { settleMs } from "../../domain/deadline.ts";
import type { CountedAttempt } from "../../domain/outcome-counts.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { type CountDeps, countOutcomes } from "./count-outcomes.ts";
import { type DeliverDeps, deliver } from "./deliver.ts";
import { recordOf } from "./record.ts";

/** The part of Lambda's context that is used: milliseconds until the function is stopped. */
export type Remaining = { readonly getRemainingTimeInMillis: () => number };

export type Worker = (event: SQSEvent, context: Remaining) => Promise<SQSBatchResponse>;

/**
 * Creates the worker: it makes the attempts of a batch of records in parallel. Its answer names the
 * records that must come back: those that we failed on, and those without enough time.
 */
export const worker =
  (deps: DeliverDeps & CountDeps): Worker =>
  async (event, context) => {
    const { clock, timeoutMs, log, metrics, tracing } = deps;
    const counted: CountedAttempt[] = [];

    const handle = async ({ body, messageId: sqsMessageId, attributes }: SQSRecord) => {
      let named: Partial<DeliveryRecord> = {};
      try {
        const record = recordOf(body);
        named = record;
        const remainingMs = context.getRemainingTimeInMillis();
        // Do not claim what could not be settled in time: the lease would only run out.
        if (remainingMs < timeoutMs + settleMs) throw new Error("No time is left for an attempt");
        const made = await deliver(deps, record, clock() + remainingMs);
        if (made) counted.push(made);
      } catch (error) {
        const receives = attributes?.ApproximateReceiveCount;
        const { senderId, messageId, attempt } = named;
        const ids = { senderId, messageId, attempt, sqsMessageId };
        log.failure("record failed", error, { ...ids, receives });
        metrics.count("RecordsFailed");
        throw error;
      }
    };

    const made = await Promise.allSettled(event.Records.map(handle));
    const failed = event.Records.filter((_, index) => made[index]?.status === "rejected");
    await countOutcomes(deps, counted, context.getRemainingTimeInMillis());
    await tracing.flush(context.getRemainingTimeInMillis());
    metrics.flush();
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
