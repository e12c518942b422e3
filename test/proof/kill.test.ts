import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { killChildren } from "../../proof/edition/children.ts";
import { attemptsAtATime, type KillRun, killRun } from "../../proof/soak/kill-run.ts";

/*
 * The short form of `npm run test:soak`. Its waits are the product's own, so that some messages may
 * not have ended when it is over.
 */
const killsWanted = 3;
let dir: string;
let run: KillRun;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "postrider-kill-"));
  run = await killRun({
    ...{ dir, ratePerSecond: 20, seed: 4, patienceMs: 15_000, note: () => {} },
    waitMs: { min: 500, max: 3000 },
    isOver: ({ kills }) => kills >= killsWanted,
  });
});
afterAll(async () => {
  killChildren();
  await rm(dir, { recursive: true });
});

test("It is killed under load: requests were in flight", () => {
  expect(run.kills).toHaveLength(killsWanted);
  expect(run.audit.facts.faults).toBe(killsWanted);
  expect(Math.max(...run.kills.map(({ inFlight }) => inFlight))).toBeGreaterThan(0);
});

test("Nothing is lost, altered, early, stranded, or another sender's; what is doubled is explained", () => {
  expect(run.audit.findings).toEqual([]);
  expect(run.damage).toEqual([]);
  expect(run.audit.facts.acknowledged).toBeGreaterThan(40);
});

test("While a message of a lost worker is due, a running dispatcher is never idle for long", () => {
  const { measured, longestIdleMs } = run.unattended;

  expect(measured).toBeGreaterThan(0);
  expect(longestIdleMs).toBeLessThanOrEqual(run.idleMsMax);
});

test("Whatever has not ended waits for its time, and what was doubled is no more than was in flight", () => {
  const { completed, failed, waiting, acknowledged, duplicates } = run.audit.facts;

  // At least: a submit may be stored whose sender has given up before it was answered.
  expect(completed + failed + waiting).toBeGreaterThanOrEqual(acknowledged);
  expect(duplicates.crash).toBeLessThanOrEqual(run.kills.length * attemptsAtATime);
  expect(completed).toBeGreaterThan(waiting);
});
