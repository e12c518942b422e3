import { type FailReason, isTerminal, type Message } from "./message.ts";
import { type AttemptFacts, decideVerdict } from "./retry.ts";
import { dueAfterLook, isNear, isOverdue } from "./schedule.ts";

/** What the dispatcher does about a due message. */
export type Act =
  | { readonly kind: "send" | "resend" }
  | { readonly kind: "release"; readonly notBefore: number }
  | { readonly kind: "releaseAsFailed"; readonly reason: FailReason }
  | { readonly kind: "releaseAsCancelled" }
  | { readonly kind: "postpone"; readonly dueAt: number }
  | { readonly kind: "nothing" };

/** Returns the latest `leaseUntil` of a lost holder: it ended longer ago than clocks may differ. */
export const leaseOverBy = (now: number, clockMarginMs: number): number => now - clockMarginMs - 1;

/**
 * Returns the latest `notBefore` of an attempt that may begin: clocks differ, and the record of a
 * due message must not be dropped for milliseconds.
 */
export const startableBy = (now: number, clockMarginMs: number): number => now + clockMarginMs;

/**
 * Decides what must happen to a message now. Nothing is assumed about other actors: every act is
 * conditional on the state that the decision is based on.
 */
export const decideAct = (message: Message, facts: AttemptFacts, clockMarginMs: number): Act => {
  const { status, notBefore = 0, leaseUntil } = message;
  const { now } = facts;
  if (isTerminal(status)) return { kind: "nothing" };
  if (status === "PENDING" && isNear(notBefore, now)) return { kind: "send" };
  if (status === "QUEUED" && isOverdue(notBefore, now)) return { kind: "resend" };
  if (status === "PROCESSING" && (leaseUntil ?? 0) <= leaseOverBy(now, clockMarginMs))
    return afterLostLease(message, facts);
  return { kind: "postpone", dueAt: dueAfterLook(message, now, clockMarginMs) };
};

/**
 * Tells whether a message waits for a record that a queue without records cannot have: it may be
 * claimed as soon as the queue can bring one. A later attempt is the dispatcher's to send, and so is
 * that of a message which somebody holds.
 */
export const awaitsRecord = ({ status, notBefore = 0 }: Message, now: number): boolean =>
  (status === "PENDING" || status === "QUEUED") && isNear(notBefore, now);

/** An attempt of a lost holder counts as failed: its outcome is unknown. */
const afterLostLease = (message: Message, facts: AttemptFacts): Act => {
  const verdict = decideVerdict({ kind: "retryable", class: "unknown" }, facts);
  if (verdict.verb === "fail") return { kind: "releaseAsFailed", reason: verdict.reason };
  if (message.cancelRequestedAt !== undefined) return { kind: "releaseAsCancelled" };
  if (verdict.verb === "retry") return { kind: "release", notBefore: verdict.notBefore };
  throw new Error("An attempt with an unknown outcome cannot complete its message");
};
