import { limits } from "../domain/limits.ts";

/**
 * The variable with the size of libuv's thread pool. libuv reads it when the pool is first used.
 */
export const poolVariable = "UV_THREADPOOL_SIZE";

/**
 * The size of libuv's thread pool in the worker's process; its default is four. Name look-ups may
 * hold half of the threads; a part of that half is left for the names of AWS.
 */
export const threadsMin = 2 * (limits.lookUpsMax + 8);

/** Enlarges libuv's thread pool, unless the environment sets its size. */
export const enlargeThreadPool = (): void => {
  process.env[poolVariable] ||= String(threadsMin);
};
