import { exchangeDeadlineMs, settleMs } from "../../domain/deadline.ts";
import type { FailReason, Message } from "../../domain/message.ts";
import type { Outcome } from "../../domain/outcome.ts";
import { isTooLate } from "../../domain/retry.ts";

/** Why nothing was sent. */
export type Unsent = Extract<FailReason, "payload-missing" | "too-late">;

/** Returns the outcome of an attempt in which nothing was sent: another one would send nothing. */
export const unsentOutcome = (why: Unsent): Outcome => ({ kind: "final", class: why, reason: why });

/**
 * Returns how many milliseconds the attempt of a claimed message may take, or that it is too late
 * for one. A message may have waited longer than its sender does, in a backlog: after `giveUpAt`
 * nothing is sent.
 */
export const timeFor = (
  deps: {
    /** The time-out of a message that does not have its own. */
    readonly timeoutMs: number;
    readonly clockMarginMs: number;
  },
  message: Message,
  { now, endsAt }: { readonly now: number; readonly endsAt: number },
): number | "too-late" => {
  if (isTooLate(message, now)) return "too-late";
  const deadlineMs = exchangeDeadlineMs({
    ...{ now, clockMarginMs: deps.clockMarginMs, endsAt, settleMs },
    timeoutMs: message.timeoutMs ?? deps.timeoutMs,
    leaseUntil: message.leaseUntil ?? now,
  });
  // A process that was frozen since its claim may find its lease over: it must not send then.
  if (deadlineMs <= 0) throw new Error("The lease was over before the request was sent");
  return deadlineMs;
};
