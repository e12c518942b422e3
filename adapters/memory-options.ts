/**
 * Options of Node that keep the local edition small: it shares a machine with a developer's tools. Left
 * to itself V8 lets young objects take 128 MiB, and the old ones four times what is in use, before it
 * collects. `npm start` has the same ones; V8 takes the first of them only at its start.
 */
export const memoryOptions = ["--max-semi-space-size=12", "--heap-growing-percent=50"] as const;
