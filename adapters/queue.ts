import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { limits } from "../domain/limits.ts";
import type { DeliveryRecord } from "../domain/record.ts";

/** A record and its delay in whole seconds, at most 900. */
export type Delayed = { readonly record: DeliveryRecord; readonly delaySeconds: number };

/** The queue. A record may arrive once, twice, late or out of order. */
export type Queue = {
  /** Sends a record. Throws if it is not on the queue, or if that is unknown. */
  readonly send: (delayed: Delayed) => Promise<void>;
  /** Sends records. Returns for each, in the same order, whether it is on the queue. */
  readonly sendAll: (delayed: readonly Delayed[]) => Promise<readonly boolean[]>;
};

const entryOf = ({ record, delaySeconds }: Delayed) => ({
  MessageBody: JSON.stringify(record),
  DelaySeconds: delaySeconds,
  // On a standard queue this gives fairness, not order: one sender's backlog does not delay the
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
  // The call succeeds even if some entries failed: only the named ones are on the queue.
  const sent = new Set(Successful.map(({ Id }) => Id));
  return batch.map((_, index) => sent.has(String(index)));
};

/** Opens an SQS queue. */
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
