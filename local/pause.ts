import { setTimeout as sleep } from "node:timers/promises";

/** Waits so many milliseconds, or until the signal is given. Never throws. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const pause: Pause = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {});
