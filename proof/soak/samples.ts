import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import type { Clock } from "../../adapters/clock.ts";
import { startTicker } from "../../local/ticker.ts";

export type Sample = {
  readonly at: number;
  /** What the process has of the machine's memory. */
  readonly rssBytes: number;
  /** How long the simplest answer takes: what its event loop adds to everything. */
  readonly healthMs: number;
  /** Messages that were acknowledged and have not ended. */
  readonly backlog: number;
};

const everyMs = 1000;

const rssOf = async (pid: number): Promise<number> => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim()) * 1024;
};

/** Samples the edition once a second, from outside, until it is told to stop. */
export const startSampling = ({
  url,
  pid,
  clock,
  backlog,
}: {
  readonly url: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly backlog: () => number;
}) => {
  const samples: Sample[] = [];
  const run = async (): Promise<void> => {
    const before = performance.now();
    const answer = await fetch(`${url}/healthz`);
    await answer.text();
    const healthMs = Math.round((performance.now() - before) * 10) / 10;
    samples.push({ at: clock(), rssBytes: await rssOf(pid), healthMs, backlog: backlog() });
  };
  // It was stopped in between: there is nothing to sample.
  const ticker = startTicker({ everyMs, run, onError: () => {} });
  return {
    stop: async (): Promise<readonly Sample[]> => {
      await ticker.stop();
      return samples;
    },
  };
};
