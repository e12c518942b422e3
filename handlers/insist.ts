import type { Clock, Sleep } from "../adapters/clock.ts";

const pauseMsMin = 50;
const pauseMsMax = 2000;

/**
 * By how much one try may be slower than another for the client's own pauses alone: where it is
 * throttled, 0 to 500 ms before its second call and 0 to 1,000 ms before its third (AWS SDK, standard
 * retry mode).
 */
const clientPausesMs = 1500;

/**
 * Repeats an effect that may be repeated until it succeeds, or until it is no use any more. Throws
 * the last error then. For the one write that is worth more than the time it takes.
 *
 * Another try begins only if one as slow as the slowest so far, and slower by the client's pauses,
 * ends before `until`: one that is cut off with its process would take down whatever else the process
 * has yet to say.
 */
export const insist = async <Result>(
  effect: () => Promise<Result>,
  { until, clock, sleep }: { readonly until: number; readonly clock: Clock; readonly sleep: Sleep },
): Promise<Result> => {
  let slowestMs = 0;
  for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    const startedAt = clock();
    try {
      return await effect();
    } catch (error) {
      slowestMs = Math.max(slowestMs, clock() - startedAt);
      if (clock() + pauseMs + slowestMs + clientPausesMs >= until) throw error;
    }
    await sleep(pauseMs);
  }
};
