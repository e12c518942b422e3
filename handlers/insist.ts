import type { Clock, Sleep } from "../adapters/clock.ts";

const pauseMsMin = 50;
const pauseMsMax = 2000;

/**
 * Repeats an effect that may be repeated until it succeeds, or until it is no use any more. Throws
 * the last error then. For the one write that is worth more than the time it takes.
 */
export const insist = async <Result>(
  effect: () => Promise<Result>,
  { until, clock, sleep }: { readonly until: number; readonly clock: Clock; readonly sleep: Sleep },
  pauseMs: number = pauseMsMin,
): Promise<Result> => {
  try {
    return await effect();
  } catch (error) {
    if (clock() + pauseMs >= until) throw error;
  }
  await sleep(pauseMs);
  return insist(effect, { until, clock, sleep }, Math.min(pauseMs * 2, pauseMsMax));
};
