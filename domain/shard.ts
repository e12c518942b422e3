import { createHash } from "node:crypto";
import type { MessageKey } from "./message.ts";

/**
 * Returns the index shard of a message, `0` to `count - 1`, from a hash of its key: traffic spreads
 * evenly, and the shard can be computed again. Readers read all shards; their number only grows.
 */
export const shardOf = ({ senderId, messageId }: MessageKey, count: number): string => {
  const digest = createHash("sha256").update(`${senderId}#${messageId}`).digest();
  return String(digest.readUInt32BE(0) % count);
};

/** Returns the key of the failed index: one sender's failures, spread over its shards. */
export const failedShardOf = (key: MessageKey, senderShard: string): string =>
  `${key.senderId}#${senderShard}`;
