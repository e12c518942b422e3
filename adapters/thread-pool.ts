import { limits } from "../domain/limits.ts";

/** What says how large libuv's pool is. It is read when the pool is first used. */
export const poolVariable = "UV_THREADPOOL_SIZE";

/**
 * Threads that the worker's process needs in libuv's pool, which has four by itself. Look-ups of
 * names may hold half of them at once; some of that half are left for the names of AWS.
 */
export const threadsMin = 2 * (limits.lookUpsMax + 8);

/** Has libuv make its pool large enough, unless the environment says how large it is to be. */
export const enlargeThreadPool = (): void => {
  process.env[poolVariable] ||= String(threadsMin);
};
