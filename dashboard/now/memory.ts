import { LRUCache } from "lru-cache";
import type { Answered, Ask } from "../ask.ts";

type Remembered = { readonly at: number; readonly answer: Promise<Answered<unknown>> };

/** How long an answer is good enough for a refresh. */
const goodForMs = 60_000;
const answersMax = 1000;

/** Who looks, and whether a person asks or the page's own script. */
export type Viewer = {
  readonly apiKey: string;
  readonly now: number;
  readonly isRefresh: boolean;
};

/**
 * Returns how to ask for what costs much and changes little, such that a page that refreshes itself
 * costs little: a refresh gets what the page had within the last minute. A person who loads the page
 * has it read anew. What a key was shown is shown to that key only.
 */
export const answerMemory = () => {
  const memory = new LRUCache<string, Remembered>({ max: answersMax });

  return <Value>(ask: Ask, path: string, viewer: Viewer): Promise<Answered<Value>> => {
    const { apiKey, now, isRefresh } = viewer;
    const name = `${apiKey} ${path}`;
    const known = memory.get(name);
    if (isRefresh && known && now - known.at < goodForMs)
      return known.answer as Promise<Answered<Value>>;
    const answer = ask.get<Value>(path);
    memory.set(name, { at: now, answer });
    // What could not be read is asked for again.
    answer.then(
      ({ kind }) => kind === "refused" && memory.delete(name),
      () => memory.delete(name),
    );
    return answer;
  };
};
