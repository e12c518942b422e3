import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { limits } from "../domain/limits.ts";
import type { DeliveryRecord } from "../domain/record.ts";

/** A record and after how many whole seconds, at most 900, it may be received. */
export type Delayed = { readonly record: DeliveryRecord; readonly delaySeconds: number };

/** Where records are put. What is put on it may come once, twice, late, or in another order. */
export type Queue = {
  /** Resolves once the record is on the queue; throws if it is not, or if nobody can say. */
  readonly send: (delayed: Delayed) => Promise<void>;
  /** Says of each, in the same order, whether it is on the queue. */
  readonly sendAll: (delayed: readonly Delayed[]) => Promise<readonly boolean[]>;
};

const entryOf = ({ record, delaySeconds }: Delayed) => ({
  MessageBody: JSON.stringify(record),
  DelaySeconds: delaySeconds,
  // On a standard queue this is no order but fairness: one sender's backlog does not hold up the
  // others (Amazon SQS fair queues).
  MessageGroupId: record.senderId,
});

const sendBatch = async (
  client: SQSClient,
  queueUrl: string,
  batch: readonly Delayed[],
): Promise<readonly boolean[]> => {
  const { Successful = [] } = await client.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: batch.map((delayed, index) => ({ Id: String(index), ...entryOf(delayed) })),
    }),
  );
  // The call succeeds as a whole even where some entries failed: only what is named here counts.
  const sent = new Set(Successful.map(({ Id }) => Id));
  return batch.map((_, index) => sent.has(String(index)));
};

/** Puts records on an SQS queue. */
export const sqsQueue = (client: SQSClient, queueUrl: string): Queue => ({
  send: async (delayed) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, ...entryOf(delayed) }));
  },
  sendAll: async (delayed) => {
    const batches = Array.from(
      { length: Math.ceil(delayed.length / limits.queueBatchMax) },
      (_, index) => delayed.slice(index * limits.queueBatchMax, (index + 1) * limits.queueBatchMax),
    );
    const sent = await Promise.all(batches.map((batch) => sendBatch(client, queueUrl, batch)));
    return sent.flat();
  },
});
