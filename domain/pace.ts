import { limits } from "./limits.ts";

/** The pace of a run of the dispatcher. */
export type Pace = {
  /** The duration of its slowest page. */
  readonly slowestPageMs: number;
  /** The pause before the next page. */
  readonly pauseMs: number;
};

export const startingPace: Pace = { slowestPageMs: 0, pauseMs: 0 };

const pauseMsMin = 50;
const pauseMsMax = 2000;

/**
 * Tells whether a run may begin another page: a page as slow as the slowest so far must end before
 * the margin at the end of the function's time.
 */
export const mayGoOn = (remainingMs: number, { slowestPageMs, pauseMs }: Pace): boolean =>
  remainingMs - pauseMs - slowestPageMs > limits.dispatchMarginMs;

/**
 * Returns the pace after a page. A page in which the table or the queue was overloaded doubles the
 * pause, from 50 ms to 2 s; any other page halves it, down to none.
 */
export const paceAfter = (
  { slowestPageMs, pauseMs }: Pace,
  { tookMs, isOverloaded }: { readonly tookMs: number; readonly isOverloaded: boolean },
): Pace => {
  const slower = Math.min(Math.max(2 * pauseMs, pauseMsMin), pauseMsMax);
  const faster = pauseMs > pauseMsMin ? pauseMs / 2 : 0;
  return {
    slowestPageMs: Math.max(slowestPageMs, tookMs),
    pauseMs: isOverloaded ? slower : faster,
  };
};
