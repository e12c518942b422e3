import { limits } from "./limits.ts";
import type { Message } from "./message.ts";

/** When the next attempt may begin, and when the dispatcher must check the message. */
export type Due = { readonly notBefore: number; readonly dueAt: number };

const minuteMs = 60_000;

/** How long before a far attempt the dispatcher sends its record, with the exact delay. */
const farLeadMs = 2 * minuteMs;

/** How long a record may wait on the queue before another copy is sent. */
const resendAfterMs = 15 * minuteMs;
/** The furthest ahead that a check is ever scheduled. */
export const lookAheadMsMax = 360 * minuteMs;

/** Tells whether the queue can delay a record until then: at most 15 minutes ahead. */
export const isNear = (notBefore: number, now: number): boolean =>
  notBefore - now <= limits.queueDelayMsMax;

/**
 * Returns the delay of a record in the whole seconds that SQS takes: never early, up to a second
 * late.
 */
export const delaySeconds = (notBefore: number, now: number): number =>
  Math.min(limits.queueDelayMsMax / 1000, Math.max(0, Math.ceil((notBefore - now) / 1000)));

/**
 * Returns the next check of a message whose attempt may begin at `notBefore`. The record of a near
 * attempt is sent now, so the check comes when it should long have been claimed. The record of a
 * far attempt is sent by the dispatcher, in time for the queue to delay it for the rest.
 */
export const dueFor = (notBefore: number, now: number, graceMs: number): Due => ({
  notBefore,
  dueAt: isNear(notBefore, now) ? notBefore + graceMs : notBefore - farLeadMs,
});

/** Returns the next check after the dispatcher has sent a record. */
export const dueAfterSend = (notBefore: number, now: number, graceMs: number): number =>
  Math.max(notBefore, now) + graceMs;

/** Tells whether a record has been on the queue for too long. */
export const isOverdue = (notBefore: number, now: number): boolean =>
  now >= notBefore + resendAfterMs;

/** Returns the check of a message that is held: one millisecond after its lease counts as ended. */
export const dueAfterLease = (leaseUntil: number, clockMarginMs: number): number =>
  leaseUntil + clockMarginMs + 1;

/**
 * Returns the lease that a claim takes and the check that belongs to it: soon after the end of the
 * lease, in case the holder dies.
 */
export const leaseFrom = (
  now: number,
  { leaseMs, clockMarginMs }: { readonly leaseMs: number; readonly clockMarginMs: number },
): { readonly leaseUntil: number; readonly dueAt: number } => ({
  leaseUntil: now + leaseMs,
  dueAt: dueAfterLease(now + leaseMs, clockMarginMs),
});

/**
 * Returns the next check of a message that needs nothing now: at the end of its lease, or less
 * often the longer it has waited, so that a long backlog is not multiplied by re-sent records.
 */
export const dueAfterLook = (
  { status, leaseUntil, notBefore = 0 }: Pick<Message, "status" | "leaseUntil" | "notBefore">,
  now: number,
  clockMarginMs: number,
): number => {
  if (status === "PROCESSING" && leaseUntil !== undefined && leaseUntil + clockMarginMs >= now)
    return dueAfterLease(leaseUntil, clockMarginMs);
  return now + Math.min(Math.max(now - notBefore, resendAfterMs), lookAheadMsMax);
};
