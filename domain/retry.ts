import { limits } from "./limits.ts";
import type { FailReason, Message } from "./message.ts";
import type { Outcome } from "./outcome.ts";

/** The jitter: messages that failed together are not retried together. */
const jitterShare = 0.2;

/** The facts about an attempt that has ended. `random` is in [0, 1). */
export type AttemptFacts = {
  readonly number: number;
  readonly allowed: number;
  /** The number of attempts before the last replay. */
  readonly before: number;
  readonly giveUpAt: number;
  readonly scheduleMs: readonly number[];
  readonly now: number;
  readonly random: number;
};

/** Returns the facts of the attempt of a claimed message. */
export const factsOf = (
  message: Message,
  { scheduleMs, now, random }: Pick<AttemptFacts, "scheduleMs" | "now" | "random">,
): AttemptFacts => ({
  number: message.attempts,
  allowed: message.attemptsAllowed,
  before: message.attemptsBefore,
  giveUpAt: message.giveUpAt,
  scheduleMs: message.scheduleMs ?? scheduleMs,
  now,
  random,
});

/**
 * Returns the wait after an attempt: its entry of the schedule, ±20 %; the last entry serves all
 * later attempts. A receiver's `Retry-After` makes the wait longer, up to 24 hours, and never
 * shorter.
 */
export const waitMs = (
  { number, before, scheduleMs, random }: AttemptFacts,
  retryAfterMs = 0,
): number => {
  const position = Math.min(number - before, scheduleMs.length) - 1;
  const jitter = 1 - jitterShare + 2 * jitterShare * random;
  const wait = Math.round((scheduleMs[position] ?? 0) * jitter);
  return Math.max(wait, Math.min(retryAfterMs, limits.waitMsMax));
};

/** Tells whether it is too late for an attempt at a time: past `giveUpAt`. */
export const isTooLate = ({ giveUpAt }: Pick<AttemptFacts, "giveUpAt">, at: number): boolean =>
  at > giveUpAt;

export type Verdict =
  | { readonly verb: "complete" }
  | { readonly verb: "retry"; readonly notBefore: number }
  | { readonly verb: "fail"; readonly reason: FailReason };

/** Decides what happens after an attempt. Pure: the time and the random number are facts. */
export const decideVerdict = (outcome: Outcome, facts: AttemptFacts): Verdict => {
  if (outcome.kind === "accepted") return { verb: "complete" };
  if (outcome.kind === "final") return { verb: "fail", reason: outcome.reason };
  if (facts.number >= facts.allowed) return { verb: "fail", reason: "attempts-exhausted" };
  const notBefore = facts.now + waitMs(facts, outcome.retryAfterMs);
  if (isTooLate(facts, notBefore)) return { verb: "fail", reason: "too-late" };
  return { verb: "retry", notBefore };
};
