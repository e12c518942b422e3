import { type Pause, pause } from "./pause.ts";

/**
 * `stop` begins no further run, and resolves when the one under way has ended. That one is told by
 * the signal that it was given.
 */
export type Ticker = { readonly stop: () => Promise<void> };

/**
 * Runs something at once, and again `everyMs` after each start; after a run that takes longer than
 * that, as soon as it has ended. Two runs never overlap. A run that fails is reported, and the
 * next one comes in its time.
 */
export const startTicker = ({
  everyMs,
  run,
  onError,
  pauseFor = pause,
}: {
  readonly everyMs: number;
  readonly run: (stopping: AbortSignal) => unknown;
  readonly onError: (error: unknown) => void;
  readonly pauseFor?: Pause;
}): Ticker => {
  const stopping = new AbortController();
  const { signal } = stopping;

  const tick = async (): Promise<void> => {
    while (!signal.aborted) {
      // It counts from the start of the run, which is why it is awaited only afterwards.
      const untilNext = pauseFor(everyMs, signal);
      try {
        await run(signal);
      } catch (error) {
        onError(error);
      }
      await untilNext;
    }
  };

  const ticking = tick();
  const stop = (): Promise<void> => {
    stopping.abort();
    return ticking;
  };
  return { stop };
};
