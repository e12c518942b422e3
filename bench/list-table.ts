/** The table of `bench/lists.ts` and `bench/jobs.ts`: messages of one sender among those of others. */
import type { Message } from "../domain/message.ts";
import { failedShardOf, shardOf } from "../domain/shard.ts";
import { newMessage } from "../domain/submission.ts";
import { messageEntity } from "../entities/described/message.ts";
import { type Storage, stored } from "../entities/storage.ts";

export const shards = 8;
export const senderId = "shop";
/** The time of the first message. One follows each millisecond. */
export const firstAt = Date.parse("2026-03-01T12:00:00Z");

/** For four messages of the sender there is one of another. */
const others = ["bakery", "mill", "press", "school"];
const policy = { scheduleMs: [5000], retentionDays: 365 };
const batchesAtOnce = 8;
const batchMax = 25;

type State = "failed" | "unfinished" | "completed";

/** Of a hundred messages 12 FAILED, 6 are unfinished, and the others are COMPLETED. */
const mixed = (index: number): State => {
  const place = index % 100;
  if (place % 8 === 0 && place < 96) return "failed";
  return place % 16 === 7 ? "unfinished" : "completed";
};

/** A message as its life would have left it, of an id as long as a UUID. */
const messageAt = (index: number, owner: string, state: State): Message => {
  const messageId = `order-${index}`.padEnd(36, "-");
  const ids = { senderId: owner, messageId };
  const at = firstAt + index;
  const message = newMessage(
    {
      ...{ ...ids, timestamp: new Date(at).toISOString() },
      targetUrl: `https://target-${index % 10}.example/hooks`,
    },
    policy,
    {
      ...{ now: at, graceMs: 60_000, shards, submitId: "bench" },
      fingerprint: messageId,
    },
  );
  if (state === "unfinished") return message;
  const { dueAt: _, dueShard: __, notBefore: ___, ...ended } = message;
  if (state === "completed") return { ...ended, status: "COMPLETED", completedAt: at };
  const failedShard = failedShardOf(ids, shardOf(ids, shards));
  return { ...ended, status: "FAILED", failReason: "gone", failedAt: at, failedShard };
};

/** Stores the messages from one number to another, by batches of raw items. */
export const fill = async (
  storage: Storage,
  from: number,
  to: number,
  stateOf: (index: number) => State = mixed,
): Promise<void> => {
  const entity = messageEntity(storage);
  const store = async (first: number): Promise<void> => {
    const numbers = Array.from({ length: Math.min(batchMax, to - first) }, (_, at) => first + at);
    const owner = (index: number) =>
      index % 5 === 4 ? (others[index % others.length] ?? senderId) : senderId;
    const items = numbers.map((index) =>
      stored(messageAt(index, owner(index), stateOf(Math.floor(index / 5)))),
    );
    const answer = (await entity.put(items as never).go()) as { readonly unprocessed?: object[] };
    if (answer.unprocessed?.length !== 0) throw new Error("Not all items are stored");
  };
  // Not all at once: a million promises with their items would fill the memory.
  for (let first = from; first < to; first += batchMax * batchesAtOnce)
    await Promise.all(
      Array.from({ length: batchesAtOnce }, (_, at) => first + at * batchMax)
        .filter((start) => start < to)
        .map(store),
    );
};
