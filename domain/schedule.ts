import { limits } from "./limits.ts";
import type { Message } from "./message.ts";

/** When the next attempt may begin, and when the dispatcher must look whether it has. */
export type Due = { readonly notBefore: number; readonly dueAt: number };

const minuteMs = 60_000;

/** How long before a far attempt the dispatcher puts it on the queue, with the exact delay. */
const farLeadMs = 2 * minuteMs;

/** How long a record may sit on the queue before another copy of it is sent. */
const resendAfterMs = 15 * minuteMs;
/** The furthest that a look is ever put off. */
export const lookAheadMsMax = 360 * minuteMs;

/** Whether the queue can carry a record of it already: at most 15 minutes ahead. */
export const isNear = (notBefore: number, now: number): boolean =>
  notBefore - now <= limits.queueDelayMsMax;

/**
 * The delay of a record, in the whole seconds that SQS takes: never early, so up to a second late.
 */
export const delaySeconds = (notBefore: number, now: number): number =>
  Math.min(limits.queueDelayMsMax / 1000, Math.max(0, Math.ceil((notBefore - now) / 1000)));

/**
 * The next look at a message whose attempt may begin at `notBefore`. A near one is on its way to
 * the queue, and is looked at when it should long have been claimed. A far one is the dispatcher's
 * to send, in time for the queue to hold it for the rest.
 */
export const dueFor = (notBefore: number, now: number, graceMs: number): Due => ({
  notBefore,
  dueAt: isNear(notBefore, now) ? notBefore + graceMs : notBefore - farLeadMs,
});

/** The next look after the dispatcher has put a record on the queue: as after any other's sending. */
export const dueAfterSend = (notBefore: number, now: number, graceMs: number): number =>
  Math.max(notBefore, now) + graceMs;

/** Whether a record on the queue has been waited for long enough. */
export const isOverdue = (notBefore: number, now: number): boolean =>
  now >= notBefore + resendAfterMs;

/** The look at a message that is held: once its lease is over, hence the millisecond. */
export const dueAfterLease = (leaseUntil: number, clockMarginMs: number): number =>
  leaseUntil + clockMarginMs + 1;

/**
 * The lease that a claim takes, and the look that goes with it: soon after the lease is over, should
 * its holder be gone by then.
 */
export const leaseFrom = (
  now: number,
  { leaseMs, clockMarginMs }: { readonly leaseMs: number; readonly clockMarginMs: number },
): { readonly leaseUntil: number; readonly dueAt: number } => ({
  leaseUntil: now + leaseMs,
  dueAt: dueAfterLease(now + leaseMs, clockMarginMs),
});

/**
 * The next look at a message there is nothing to do for: when its lease is over, or ever more
 * rarely the longer it has been waiting, so that a long backlog is not multiplied by re-sending it.
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
