import { setTimeout as wait } from "node:timers/promises";

/** Epoch milliseconds. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Resolves after so many milliseconds. */
export type Sleep = (ms: number) => Promise<void>;

export const systemSleep: Sleep = async (ms) => {
  await wait(ms);
};
