import type { Chance } from "../adapters/chance.ts";
import type { Line, Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";
import type { Queue } from "../adapters/queue.ts";
import { masterKeyVault } from "../adapters/vault.ts";
import type { VirtualTime } from "./time.ts";

/** An error of Postrider itself, such as a table that cannot be reached, as its log has it. */
export type TestFailure = { readonly what: string; readonly error: unknown };

/** The same key in every test: nothing that it encrypts leaves the process. */
export const testVault = masterKeyVault([Buffer.alloc(32, "postrider/testing")]);

/** No test sees another number twice, and each sees the same. */
export const countingChance = (): Chance => {
  let tokens = 0;
  return {
    // The middle: a wait is exactly that of its schedule.
    random: () => 0.5,
    token: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  };
};

export const noMetrics: Metrics = { count: () => {}, milliseconds: () => {}, flush: () => {} };

export const collectFailures = (): {
  readonly log: Log;
  readonly failures: readonly TestFailure[];
} => {
  const failures: TestFailure[] = [];
  const line = (_: Line): void => {};
  return { failures, log: { line, failure: (what, error) => failures.push({ what, error }) } };
};

/** Returns a queue by which the clock stops when a record can be received. */
export const stoppingQueue = (
  { send, sendAll }: Queue,
  { now, stopAt }: Pick<VirtualTime, "now" | "stopAt">,
): Queue => ({
  send: (delayed) => {
    stopAt(now() + delayed.delaySeconds * 1000);
    return send(delayed);
  },
  sendAll: (all) => {
    for (const { delaySeconds } of all) stopAt(now() + delaySeconds * 1000);
    return sendAll(all);
  },
});

/** Lets one `advance` run at a time: two would move one clock. */
export const oneAtATime = () => {
  let isRunning = false;
  return async (run: () => Promise<void>): Promise<void> => {
    if (isRunning) throw new Error("The last advance is still under way. Await it first");
    isRunning = true;
    try {
      await run();
    } finally {
      isRunning = false;
    }
  };
};
