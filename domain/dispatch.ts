import { type FailReason, isTerminal, type Message } from "./message.ts";
import { type AttemptFacts, settle } from "./retry.ts";
import { dueAfterLook, isNear, isOverdue } from "./schedule.ts";

/** What the dispatcher does about a message that is due. */
export type Act =
  | { readonly kind: "send" | "resend" }
  | { readonly kind: "release"; readonly notBefore: number }
  | { readonly kind: "release-as-failed"; readonly reason: FailReason }
  | { readonly kind: "release-as-cancelled" }
  | { readonly kind: "postpone"; readonly dueAt: number }
  | { readonly kind: "nothing" };

/** The latest `leaseUntil` at which a holder counts as gone: over by more than the clock margin. */
export const leaseOverBy = (now: number, clockMarginMs: number): number => now - clockMarginMs - 1;

/** The latest `notBefore` at which an attempt may begin: clocks differ, and the record of a due
 * message must not be thrown away for milliseconds. */
export const startableBy = (now: number, clockMarginMs: number): number => now + clockMarginMs;

/**
 * Decides for one message what must happen now. Nothing is assumed about who was here before:
 * every act is conditional on the state that was decided upon.
 */
export const decide = (message: Message, facts: AttemptFacts, clockMarginMs: number): Act => {
  const { status, notBefore = 0, leaseUntil } = message;
  const { now } = facts;
  if (isTerminal(status)) return { kind: "nothing" };
  if (status === "PENDING" && isNear(notBefore, now)) return { kind: "send" };
  if (status === "QUEUED" && isOverdue(notBefore, now)) return { kind: "resend" };
  if (status === "PROCESSING" && (leaseUntil ?? 0) <= leaseOverBy(now, clockMarginMs))
    return afterLostLease(message, facts);
  return { kind: "postpone", dueAt: dueAfterLook(message, now, clockMarginMs) };
};

/** An attempt whose holder is gone counts as one that failed: nobody knows what came of it. */
const afterLostLease = (message: Message, facts: AttemptFacts): Act => {
  const verdict = settle({ kind: "retryable", class: "unknown" }, facts);
  if (verdict.verb === "fail") return { kind: "release-as-failed", reason: verdict.reason };
  if (message.cancelRequestedAt !== undefined) return { kind: "release-as-cancelled" };
  if (verdict.verb === "retry") return { kind: "release", notBefore: verdict.notBefore };
  throw new Error("An attempt of unknown outcome cannot be complete");
};
