/** Waits so many milliseconds, or until the signal is given. Never throws. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** Not by `node:timers/promises`, which makes an error of each signal. */
export const pause: Pause = (ms, signal) =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
  });
