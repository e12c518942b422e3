import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../proof/edition/log.ts";
import { type Look, lookOf, type Running, unattended } from "../../proof/run-audit/unattended.ts";

const facts = { leaseMs: 5000, clockMarginMs: 100 };
const key = { senderId: "shop", messageId: "m" };
const always: Running = { since: 0, until: Number.POSITIVE_INFINITY };

const requested = (at: number, attempt = 1): RunEvent => ({
  ...{ kind: "requested", at, key, attempt, content: "c", tenant: "shop" },
});
const release = (at: number, attempt = 1, since = at): Look => ({
  ...{ message: "shop/m", attempt, since, at, isRelease: true },
});
const other = (at: number, since = at): Look => ({
  ...{ message: "shop/other", attempt: 1, since, at, isRelease: false },
});

const measuredOf = (looks: readonly Look[], runs = [always], log = [requested(1000)]) => {
  const { measured, longestMs, longestIdleMs } = unattended(log, looks, runs, facts);
  return { measured, longestMs, longestIdleMs };
};

test("a release as soon as the lease and the margin are over leaves nothing alone", () => {
  expect(measuredOf([release(6100)])).toEqual({ measured: 1, longestMs: 100, longestIdleMs: 0 });
});

test("a dispatcher that looks at nothing while a message is due leaves it alone", () => {
  expect(measuredOf([other(6000), release(906_100)])).toEqual({
    ...{ measured: 1, longestMs: 900_100, longestIdleMs: 900_000 },
  });
});

test("a dispatcher that works through others leaves a message alone only in between", () => {
  expect(measuredOf([other(6500), other(9000), release(9700)]).longestIdleMs).toBe(2500);
});

test("a page that takes long is work on all of its messages until it is logged", () => {
  expect(measuredOf([other(20_000, 6300), release(21_000, 1, 20_300)])).toEqual({
    ...{ measured: 1, longestMs: 15_000, longestIdleMs: 300 },
  });
});

test("a short page beside a long one does not end the work on that", () => {
  expect(measuredOf([other(20_000, 6200), other(7000, 6500), release(20_000)])).toEqual({
    ...{ measured: 1, longestMs: 14_000, longestIdleMs: 100 },
  });
});

test("time in which no edition ran is no dispatcher's, but the message was unattended in it", () => {
  const runs = [
    { since: 0, until: 2000 },
    { since: 7000, until: 7500 },
    { since: 20_000, until: 25_000 },
  ];

  expect(measuredOf([other(7500), release(20_300)], runs)).toEqual({
    ...{ measured: 1, longestMs: 14_300, longestIdleMs: 500 },
  });
});

test("a killed edition is judged until its last line: a page at work had none yet", () => {
  const runs = [
    { since: 7000, until: 19_000 },
    { since: 20_000, until: Number.POSITIVE_INFINITY },
  ];

  expect(measuredOf([release(20_300)], runs).longestIdleMs).toBe(300);
  expect(measuredOf([other(7400), release(20_300)], runs).longestIdleMs).toBe(400);
});

test("an edition that was ready before the lease ended is idle only after that", () => {
  const runs = [{ since: 2000, until: Number.POSITIVE_INFINITY }];

  expect(measuredOf([release(10_000)], runs).longestIdleMs).toBe(3900);
});

test("the longest of several counts, and an attempt without a request is not measured", () => {
  const log = [requested(1000), requested(20_000, 2)];
  const releases = [release(6200), release(25_800, 2), release(99_000, 3)];

  expect(measuredOf(releases, [always], log)).toEqual({
    ...{ measured: 2, longestMs: 800, longestIdleMs: 700 },
  });
  expect(unattended(log, releases, [always], facts).latest).toEqual(release(25_800, 2));
});

test("a run without a release has nothing to measure", () => {
  expect(measuredOf([other(1)])).toEqual({ measured: 0, longestMs: 0, longestIdleMs: 0 });
});

const line = {
  ...{ level: "INFO", message: "dispatch", timestamp: "1970-01-01T00:00:06.100Z", ...key },
  ...{ attempts: 2, act: "release", durationMs: 1100 },
};

test.each([
  ["release", true],
  ["releaseAsFailed", true],
  ["send", false],
  ["postpone", false],
])("the log reports an act of the dispatcher: %s", (act, isRelease) => {
  const look = { message: "shop/m", attempt: 2, since: 5000, at: 6100, isRelease };

  expect(lookOf({ ...line, act })).toEqual(look);
});

test.each([{ ...line, message: "attempt" }, { message: "OUTPUT" }])(
  "another line reports none: %j",
  (another) => {
    expect(lookOf(another)).toBeUndefined();
  },
);
