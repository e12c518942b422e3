import { shardOf } from "../domain/shard.ts";

/** A rate of messages, and how the largest sender and the shards are. */
export type Traffic = {
  readonly perSecond: number;
  readonly shards: number;
  /** The largest sender's share of the messages. */
  readonly largestShare: number;
};

/** The write units a second of the hottest key of each index, in the busiest second of those looked at. */
export type Hottest = { readonly due: number; readonly bySender: number };

const seconds = 20;
/** Each message enters the due index and leaves it; it enters that of all messages once. */
const writes = { due: 2, bySender: 1 } as const;

/** Lets messages of real ids fall into the shards, second by second. */
export const hottestKeys = ({ perSecond, shards, largestShare }: Traffic): Hottest => {
  let [due, bySender] = [0, 0];
  for (let second = 0; second < seconds; second += 1) {
    const ofDue = new Map<string, number>();
    const ofSender = new Map<string, number>();
    for (let each = 0; each < perSecond; each += 1) {
      const isLargest = (each + 0.5) / perSecond < largestShare;
      const senderId = isLargest ? "large" : `small-${each % 100}`;
      const shard = shardOf({ senderId, messageId: `order-${second}-${each}` }, shards);
      const key = `${senderId}#${shard}`;
      ofDue.set(shard, (ofDue.get(shard) ?? 0) + writes.due);
      ofSender.set(key, (ofSender.get(key) ?? 0) + writes.bySender);
    }
    due = Math.max(due, ...ofDue.values());
    bySender = Math.max(bySender, ...ofSender.values());
  }
  return { due, bySender };
};
