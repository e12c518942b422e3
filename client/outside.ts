/** What a request needs to be cancelled. An `AbortSignal` is one. */
export type Signal = {
  readonly aborted: boolean;
  readonly reason: unknown;
  readonly addEventListener: (type: "abort", listener: () => void) => void;
  readonly removeEventListener: (type: "abort", listener: () => void) => void;
};

/** The part of `fetch` that the client uses. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly redirect: "manual";
    readonly signal: Signal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

/** Network, time and chance: the rest of the client is the same each time. */
export type Outside = {
  readonly fetch: Fetch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** At least 0 and below 1. */
  readonly random: () => number;
  /** Resolves after the time, or at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: Signal | undefined) => Promise<void>;
};

const sleep: Outside["sleep"] = (ms, signal) =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end);
  });

/** The outside of the machine that runs the client: Node 20 or later, a worker, a browser. */
export const systemOutside: Outside = {
  fetch: (url, init) => fetch(url, { ...init, signal: init.signal as AbortSignal }),
  now: () => Date.now(),
  random: () => Math.random(),
  sleep,
};
