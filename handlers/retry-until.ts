import type { Clock, Sleep } from "../adapters/clock.ts";

const pauseMsMin = 50;
const pauseMsMax = 2000;

/**
 * How much slower one try may be than another because of the client's own pauses: when throttled, 0
 * to 500 ms before its second call and 0 to 1,000 ms before its third (AWS SDK, standard retry
 * mode).
 */
const clientPausesMs = 1500;

/**
 * Retries an idempotent effect until it succeeds or the time is over, then throws the last error.
 * For the one write that is worth the time it takes.
 *
 * Another try begins only if one as slow as the slowest so far, plus the client's pauses, ends
 * before `until`: a try that is cut off with its process would lose what the process still has to
 * report.
 */
export const retryUntil = async <Result>(
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
