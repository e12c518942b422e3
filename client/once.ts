/**
 * Remembers what was done, by id. Each function is one conditional write: of two calls at once, one
 * gets `put`.
 */
export type OnceStore = {
  /**
   * Puts the id as begun, unless it is there. `busy`: another one has begun, and `leaseMs` have not
   * passed since. `done`: it was done.
   */
  readonly putIfAbsent: (id: string, leaseMs: number) => Promise<"put" | "busy" | "done">;
  /** Marks the id as done. It must be kept for as long as repeats can come. */
  readonly done: (id: string) => Promise<void>;
  /** Removes the id, so that another attempt may begin at once. */
  readonly remove: (id: string) => Promise<void>;
};

export type OnceOptions = {
  /** How long one run may take. After that another may begin: its process has died. */
  readonly leaseMs?: number | undefined;
};

/** `repeat`: it was done before, answer 2xx. `busy`: it is being done, answer 503. */
export type Once<Result> =
  | { readonly kind: "ran"; readonly result: Result }
  | { readonly kind: "repeat" }
  | { readonly kind: "busy" };

/**
 * Runs a function once for each id, and not for repeats. Use it where the effect and the id cannot
 * be in one transaction, which is better still.
 *
 * - If the function throws, the id is forgotten and the error passed on: a repeat runs it again.
 * - A crash while it runs lets a repeat run it after the lease. What it had done is done twice.
 * - A crash after it, before the id is marked, does the same. So give the effect the id too.
 */
export const once = async <Result>(
  id: string,
  run: () => Promise<Result> | Result,
  store: OnceStore,
  { leaseMs = 60_000 }: OnceOptions = {},
): Promise<Once<Result>> => {
  const found = await store.putIfAbsent(id, leaseMs);
  if (found !== "put") return { kind: found === "done" ? "repeat" : "busy" };
  const result = await Promise.resolve()
    .then(run)
    .catch(async (error) => {
      // Should this fail too, the lease ends by itself, and the caller has the first error.
      await store.remove(id).catch(() => {});
      throw error;
    });
  await store.done(id);
  return { kind: "ran", result };
};
