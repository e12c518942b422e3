import { limits } from "./limits.ts";

/** How a run of the dispatcher goes. */
export type Pace = {
  /** How long the slowest of its pages took. */
  readonly slowestPageMs: number;
  /** How long it waits before it begins the next. */
  readonly pauseMs: number;
};

export const startingPace: Pace = { slowestPageMs: 0, pauseMs: 0 };

const pauseMsMin = 50;
const pauseMsMax = 2000;

/**
 * Whether a run may begin another page: one that takes as long as the slowest so far must be over
 * before the margin at the end of its time begins.
 */
export const mayGoOn = (remainingMs: number, { slowestPageMs, pauseMs }: Pace): boolean =>
  remainingMs - pauseMs - slowestPageMs > limits.dispatchMarginMs;

/**
 * The pace after a page. Each one in which the table or the queue was overloaded doubles the pause,
 * from 50 ms to 2 s; each other one halves it, until there is none.
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
