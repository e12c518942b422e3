import { LRUCache } from "lru-cache";
import type { Failures } from "../../client/answers.ts";
import type { Ask } from "../ask.ts";

type Remembered = { readonly at: number; readonly failures: Promise<Failures> };

/** How long groups of failures are good enough for a refresh: to group them reads up to a thousand. */
const goodForMs = 60_000;
const viewersMax = 1000;

export type ReadFailures = (
  ask: Ask,
  viewer: { readonly apiKey: string; readonly now: number; readonly isRefresh: boolean },
) => Promise<Failures>;

/**
 * Returns how to ask for failures by target such that a page that refreshes itself costs little. A
 * person who loads the page has them read anew. What a key was shown is shown to that key only.
 */
export const failuresMemory = (): ReadFailures => {
  const memory = new LRUCache<string, Remembered>({ max: viewersMax });
  return (ask, { apiKey, now, isRefresh }) => {
    const known = memory.get(apiKey);
    if (isRefresh && known && now - known.at < goodForMs) return known.failures;
    const failures = ask.page<Failures>("/v1/failures?by=target");
    memory.set(apiKey, { at: now, failures });
    // What could not be read is asked for again.
    failures.catch(() => memory.delete(apiKey));
    return failures;
  };
};
