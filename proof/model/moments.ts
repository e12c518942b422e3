import { leaseOverBy } from "../../domain/dispatch.ts";
import { isNear, isOverdue, leaseFrom } from "../../domain/schedule.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/**
 * Every state is told as if it were this moment, and every time in it is one of a few
 * representatives of how it lies to now: as far as any condition or decision can tell them apart.
 * Time passes by a step that moves a time to its next representative. So a wait may take however
 * long, and nobody's speed is assumed: what holds here holds for all of them.
 */
export const searchedAt = Date.UTC(2026, 10, 2, 9, 0, 0);
/** The moment: the same for ever in a search. Of a walk the times have lengths, and this moves. */
export let now = searchedAt;
/** Moves the moment. Whoever does so moves it back to `searchedAt` in the end. */
export const moveTo = (time: number): void => {
  now = time;
};

export const clockMarginMs = 5 * secondMs;
export const graceMs = minuteMs;
export const leaseMs = 65 * secondMs;
export const resendAfterMs = 15 * minuteMs;

/** What a clock says that is wrong. */
export const wrongNow = (): number => now + dayMs;

/** Waits after an attempt: one the queue can hold, one it cannot. */
export const nearWaitMs = 45 * secondMs;
export const farWaitMs = 4 * hourMs;

/** `soon` is within the clock margin; `overdue`, so long ago that another record is sent. */
export const notBefores = {
  far: searchedAt + 3 * hourMs,
  waiting: searchedAt + minuteMs,
  soon: searchedAt + 2 * secondMs,
  ripe: searchedAt - minuteMs,
  overdue: searchedAt - 3 * hourMs,
} as const;
export type Ripeness = keyof typeof notBefores;

export const ripenessOf = (notBefore: number): Ripeness => {
  if (!isNear(notBefore, now)) return "far";
  if (notBefore > now + clockMarginMs) return "waiting";
  if (notBefore > now) return "soon";
  return isOverdue(notBefore, now) ? "overdue" : "ripe";
};

/**
 * The next look: `soon` comes before the end of any lease that lasts, the present holder's or one
 * that is taken now; `late` after it.
 */
export const dueAts = {
  late: searchedAt + hourMs,
  soon: searchedAt + 20 * secondMs,
  due: searchedAt - 1,
} as const;
export type Lateness = keyof typeof dueAts;

export const latenessOf = (dueAt: number): Lateness => {
  if (dueAt <= now) return "due";
  return dueAt <= leaseFrom(now, { leaseMs, clockMarginMs }).dueAt ? "soon" : "late";
};
export const isDue = (dueAt: number): boolean => latenessOf(dueAt) === "due";

export const leaseUntils = {
  live: searchedAt + 30 * secondMs,
  over: searchedAt - hourMs,
} as const;
export const isLeaseOver = (leaseUntil: number): boolean =>
  leaseUntil <= leaseOverBy(now, clockMarginMs);

/**
 * A time that somebody saw and that is not the message's any more: it equals no other, and never
 * will, for a new time never equals one that is gone.
 */
export const gone = searchedAt - 3 * hourMs - 1;

/** The same for all messages and for ever: nothing here ends by them. */
export const giveUpAt = searchedAt + 30 * dayMs;
export const ttl = (searchedAt + 40 * dayMs) / 1000;
