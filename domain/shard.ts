import { createHash } from "node:crypto";
import type { MessageKey } from "./message.ts";

/**
 * The shard of an index that a message belongs to, `0` to `count - 1`: by its key, so that traffic
 * spreads evenly and anybody can compute it again. Readers ask all shards, and their number only
 * grows.
 */
export const shardOf = ({ senderId, messageId }: MessageKey, count: number): string => {
  const digest = createHash("sha256").update(`${senderId}#${messageId}`).digest();
  return String(digest.readUInt32BE(0) % count);
};

/** The key of the failed index: one sender's failures, spread over its shards. */
export const failedShardOf = (key: MessageKey, senderShard: string): string =>
  `${key.senderId}#${senderShard}`;
