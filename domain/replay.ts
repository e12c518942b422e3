import type { Change } from "./change.ts";
import type { Message } from "./message.ts";
import { dueFor } from "./schedule.ts";
import { giveUpAfterMs, ttlOf } from "./submission.ts";

/** The options of a replay. What was submitted never changes. */
export type ReplayAsked = {
  /** How many attempts it gets. As many as it was allowed the last time, by default. */
  readonly attempts?: number;
  /** When the first of them may begin, in epoch milliseconds. */
  readonly deliverAt?: number;
};

/**
 * Returns what a replay writes to an ended message. Attempts, the retry schedule and `giveUpAt`
 * begin anew, and `ttl` moves on with them. A cancelled message is not sent before the `deliverAt`
 * that it was submitted with, unless the replay names another time. `owner` is a random token.
 */
export const replayOf = (
  message: Message,
  asked: ReplayAsked,
  {
    now,
    graceMs,
    owner,
  }: { readonly now: number; readonly graceMs: number; readonly owner: string },
): Change<"replay">["set"] => {
  const { attempts, attemptsAllowed, attemptsBefore, senderShard } = message;
  const notBefore = notBeforeOf(message, asked, now);
  const giveUpAt = notBefore + giveUpAfterMs;
  return {
    owner,
    attemptsAllowed: attempts + (asked.attempts ?? attemptsAllowed - attemptsBefore),
    attemptsBefore: attempts,
    giveUpAt,
    ...dueFor(notBefore, now, graceMs),
    dueShard: senderShard,
    ttl: ttlOfReplay(message, asked, now),
  };
};

const notBeforeOf = ({ status, deliverAt }: Message, asked: ReplayAsked, now: number): number => {
  const scheduledAt = status === "CANCELLED" ? deliverAt : undefined;
  return Math.max(asked.deliverAt ?? scheduledAt ?? now, now);
};

/** Returns until when a message is kept that is replayed now, and what belongs to it. */
export const ttlOfReplay = (message: Message, asked: ReplayAsked, now: number): number => {
  const giveUpAt = notBeforeOf(message, asked, now) + giveUpAfterMs;
  return Math.max(message.ttl, ttlOf(now, message.retentionDays, giveUpAt));
};
