import type { LastOutcome, Message } from "../../domain/message.ts";
import { classOf, type Exchange, type Outcome } from "../../domain/outcome.ts";
import type { Verdict } from "../../domain/retry.ts";
import { dueFor } from "../../domain/schedule.ts";
import { failedShardOf } from "../../domain/shard.ts";
import { tookOf } from "../../domain/took.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";

/**
 * Returns the part of an outcome that the message stores. An accepted one includes its durations,
 * which fit into the write unit that ending the message costs anyway.
 */
export const lastOutcomeOf = (
  { attempts }: Message,
  { outcome, exchange }: { readonly outcome: Outcome; readonly exchange?: Exchange | undefined },
  at: number,
): LastOutcome => ({
  attempt: attempts,
  class: classOf(outcome),
  ...(outcome.status !== undefined && { status: outcome.status }),
  at,
  ...(outcome.kind === "accepted" && exchange && { took: tookOf(exchange) }),
});

/**
 * Settles the attempt of a claimed message, which means to write how it ended: one conditional
 * write, and a second one if its sender has asked to cancel meanwhile. `lost`: another worker has
 * it.
 */
export const settleAttempt = async (
  messages: MessageStore,
  message: Message,
  verdict: Verdict,
  { lastOutcome, now, graceMs }: { lastOutcome: LastOutcome; now: number; graceMs: number },
): Promise<Changed> => {
  const mine = { now, seen: message, owner: message.owner };
  if (verdict.verb === "complete")
    return messages.complete(message, { ...mine, before: message, set: { lastOutcome } });
  if (verdict.verb === "fail") {
    const failedShard = failedShardOf(message, message.senderShard);
    const set = { failReason: verdict.reason, failedShard, lastOutcome };
    return messages.fail(message, { ...mine, set });
  }
  const due = dueFor(verdict.notBefore, now, graceMs);
  const retried = await messages.retry(message, { ...mine, set: { ...due, lastOutcome } });
  const isToBeCancelled =
    retried.kind === "lost" && retried.current?.cancelRequestedAt !== undefined;
  return isToBeCancelled ? messages.abandon(message, { ...mine, set: { lastOutcome } }) : retried;
};
