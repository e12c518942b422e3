import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import * as z from "zod";
import type { DeliveryRecord } from "../../domain/record.ts";
import { type DeliverDeps, deliver, settleMs } from "./deliver.ts";

/** As much of Lambda's context as is needed: milliseconds until the function is stopped. */
export type Remaining = { readonly getRemainingTimeInMillis: () => number };

export type Worker = (event: SQSEvent, context: Remaining) => Promise<SQSBatchResponse>;

const recordSchema: z.ZodType<DeliveryRecord> = z.object({
  v: z.literal(1),
  senderId: z.string().min(1),
  messageId: z.string().min(1),
  attempt: z.int().min(1),
});

/** Reads a record. One that we cannot read is not ours to drop: it fails, and is kept in the end. */
const recordOf = (body: string): DeliveryRecord => recordSchema.parse(JSON.parse(body));

/**
 * The worker: makes the attempts that a batch of records points at, side by side. The answer names
 * the records that must come back: those on which we failed, and those there was no time for.
 */
export const worker =
  (deps: DeliverDeps): Worker =>
  async (event, context) => {
    const { clock, timeoutMs, log, metrics } = deps;

    const handle = async ({ body, messageId: sqsMessageId, attributes }: SQSRecord) => {
      let named: Partial<DeliveryRecord> = {};
      try {
        const record = recordOf(body);
        named = record;
        const remainingMs = context.getRemainingTimeInMillis();
        // Nothing is claimed that could not be settled: a lease taken now would only run out.
        if (remainingMs < timeoutMs + settleMs) throw new Error("No time is left for an attempt");
        await deliver(deps, record, clock() + remainingMs);
      } catch (error) {
        const receives = attributes?.ApproximateReceiveCount;
        const { senderId, messageId, attempt } = named;
        const ids = { senderId, messageId, attempt, sqsMessageId };
        log.failure("record failed", error, { ...ids, receives });
        metrics.count("RecordsFailed");
        throw error;
      }
    };

    const processor = new BatchProcessor(EventType.SQS);
    const response = await processPartialResponse(event, handle, processor, {
      throwOnFullBatchFailure: false,
    });
    metrics.flush();
    return response;
  };
