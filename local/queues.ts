import type { Clock } from "../adapters/clock.ts";
import type { Delayed, Queue } from "../adapters/queue.ts";
import { type MemoryQueue, memoryQueue } from "./memory-queue.ts";

/** The queue of records and its dead-letter queue, both in memory. */
export type Queues = {
  /** What the handlers send by. */
  readonly queue: Queue;
  readonly records: MemoryQueue;
  /** The records that were received `receivesMax` times and not deleted. */
  readonly deadLetters: MemoryQueue;
};

export const openQueues = ({
  receivesMax,
  ...shared
}: {
  readonly clock: Clock;
  readonly visibilityMs: number;
  readonly receivesMax: number;
}): Queues => {
  const deadLetters = memoryQueue({ ...shared, name: "postrider-dead-letters" });
  const onExhausted = (body: string): void => deadLetters.put(body);
  const records = memoryQueue({ ...shared, name: "postrider", receivesMax, onExhausted });
  const put = ({ record, delaySeconds }: Delayed): void =>
    records.put(JSON.stringify(record), delaySeconds * 1000);
  const queue: Queue = {
    send: async (delayed) => put(delayed),
    sendAll: async (delayed) => {
      for (const each of delayed) put(each);
      return delayed.map(() => true);
    },
  };
  return { queue, records, deadLetters };
};
