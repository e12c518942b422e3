import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { startTicker, type Ticker } from "../../local/ticker.ts";
import { until } from "./until.ts";

/** Lets everything that can go on do so. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
};

const untilStopped = (stopping: AbortSignal): Promise<void> =>
  new Promise((resolve) => stopping.addEventListener("abort", () => resolve()));

const failTest = (error: unknown) => {
  throw error;
};

/** Runs until there have been so many starts; resolves to when each began and ended. */
const record = async (everyMs: number, workMs: number, startsWanted: number) => {
  const runs: { startedAt: number; endedAt: number }[] = [];
  let starts = 0;
  const run = async () => {
    const startedAt = performance.now();
    starts += 1;
    await sleep(workMs);
    runs.push({ startedAt, endedAt: performance.now() });
  };
  const ticker = startTicker({ everyMs, run, onError: failTest });
  expect(starts).toBe(1);
  await until(() => starts >= startsWanted);
  await ticker.stop();
  return runs;
};

test("the first run is at once, the next one its interval after the start of the first", async () => {
  const happened: string[] = [];
  const ended = Promise.withResolvers<void>();
  const passed = Promise.withResolvers<void>();
  let starts = 0;
  let pauses = 0;

  const ticker = startTicker({
    everyMs: 200,
    run: () => {
      starts += 1;
      happened.push(`run ${starts}`);
      return starts === 1 ? ended.promise : undefined;
    },
    onError: failTest,
    pauseFor: (ms, stopping) => {
      happened.push(`pause of ${ms}`);
      pauses += 1;
      return pauses === 1 ? passed.promise : untilStopped(stopping);
    },
  });
  // The pause is over while the run still goes on: so the next one comes as soon as that has ended.
  const atFirst = [...happened];
  passed.resolve();
  ended.resolve();
  await until(() => starts === 2);
  await ticker.stop();

  expect(atFirst).toEqual(["pause of 200", "run 1"]);
});

test("a run that is shorter than the interval waits for its end", async () => {
  const passed = Promise.withResolvers<void>();
  let starts = 0;
  let pauses = 0;
  const ticker = startTicker({
    everyMs: 200,
    run: () => {
      starts += 1;
    },
    onError: failTest,
    pauseFor: (_, stopping) => {
      pauses += 1;
      return pauses === 1 ? passed.promise : untilStopped(stopping);
    },
  });

  await turns();
  const before = starts;
  passed.resolve();
  await until(() => starts >= 2);
  await ticker.stop();

  expect(before).toBe(1);
});

test("runs that take longer than the interval follow each other and never overlap", async () => {
  const runs = await record(1, 15, 4);

  const gaps = runs.slice(1).map(({ startedAt }, index) => startedAt - (runs[index]?.endedAt ?? 0));
  expect(gaps).toHaveLength(3);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no"))],
])("a run that %s is reported, and the next one comes", async (_, fail) => {
  const errors: unknown[] = [];
  let starts = 0;
  const run = () => {
    starts += 1;
    return starts === 1 ? fail() : undefined;
  };

  const ticker = startTicker({ everyMs: 1, run, onError: (error) => errors.push(error) });
  await until(() => starts > 1);
  await ticker.stop();

  expect(errors).toEqual([new Error("no")]);
});

test("stop waits for the run under way, and none comes after it", async () => {
  const { promise: work, resolve: finish } = Promise.withResolvers<void>();
  const seen: string[] = [];
  const run = async () => {
    seen.push("started");
    await work;
    seen.push("ended");
  };

  const ticker: Ticker = startTicker({ everyMs: 0, run, onError: failTest });
  const stopped = ticker.stop().then(() => seen.push("stopped"));
  setImmediate(finish);
  await stopped;

  expect(seen).toEqual(["started", "ended", "stopped"]);
});

test("stop tells the run under way, which may end early", async () => {
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  const run = async (stopping: AbortSignal) => {
    stopping.addEventListener("abort", () => tell());
    await told;
  };

  const ticker = startTicker({ everyMs: 3_600_000, run, onError: failTest });

  await expect(ticker.stop()).resolves.toBeUndefined();
});

test("stop does not wait for the next run to be due", async () => {
  const ticker = startTicker({ everyMs: 3_600_000, run: () => {}, onError: failTest });

  await expect(ticker.stop()).resolves.toBeUndefined();
});
