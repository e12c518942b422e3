import type { Clock } from "../adapters/clock.ts";

/**
 * Returns what an invocation is told of its time, as Lambda tells it: how much is left of
 * `timeoutMs`. None once `stopping` is aborted, so that whatever works until its time is over ends
 * soon.
 */
export const invocationContext = ({
  timeoutMs,
  clock,
  stopping,
}: {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly stopping: AbortSignal;
}): { readonly getRemainingTimeInMillis: () => number } => {
  const endsAt = clock() + timeoutMs;
  return {
    getRemainingTimeInMillis: () => (stopping.aborted ? 0 : Math.max(0, endsAt - clock())),
  };
};
