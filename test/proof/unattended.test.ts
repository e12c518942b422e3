import { expect, test } from "@jest/globals";
import type { RunEvent } from "../../proof/edition/log.ts";
import { type Release, releaseOf, unattended } from "../../proof/run-audit/unattended.ts";

const facts = { leaseMs: 5000, clockMarginMs: 100 };
const key = { senderId: "shop", messageId: "m" };

const requested = (at: number, attempt = 1): RunEvent => ({
  ...{ kind: "requested", at, key, attempt, content: "c", tenant: "shop" },
});
const release = (at: number, attempt = 1): Release => ({ message: "shop/m", attempt, at });

test("a release as soon as the lease and the margin are over is not late", () => {
  expect(unattended([requested(1000)], [release(6100)], [0], facts)).toEqual({
    ...{ measured: 1, longestMs: 100, longestLateMs: 0 },
  });
});

test("a release that comes when the message was already due is late by the difference", () => {
  expect(unattended([requested(1000)], [release(906_100)], [0], facts)).toEqual({
    ...{ measured: 1, longestMs: 900_100, longestLateMs: 900_000 },
  });
});

test("time in which no edition ran is nobody's lateness, but the message was unattended in it", () => {
  expect(unattended([requested(1000)], [release(20_300)], [0, 20_000, 30_000], facts)).toEqual({
    ...{ measured: 1, longestMs: 14_300, longestLateMs: 300 },
  });
});

test("an edition that was ready before the lease ended excuses nothing", () => {
  expect(unattended([requested(1000)], [release(10_000)], [0, 2000], facts).longestLateMs).toBe(
    3900,
  );
});

test("the longest of several counts, and an attempt without a request is not measured", () => {
  const log = [requested(1000), requested(20_000, 2)];
  const releases = [release(6200), release(25_800, 2), release(99_000, 3)];

  expect(unattended(log, releases, [0], facts)).toEqual({
    ...{ measured: 2, longestMs: 800, longestLateMs: 700 },
  });
});

test("a run without a release has nothing to measure", () => {
  expect(unattended([requested(1000)], [], [0], facts)).toEqual({
    ...{ measured: 0, longestMs: 0, longestLateMs: 0 },
  });
});

const line = {
  ...{ level: "INFO", message: "dispatch", timestamp: "1970-01-01T00:00:06.100Z", ...key },
  ...{ attempts: 2, act: "release" },
};

test.each(["release", "release-as-failed", "release-as-cancelled"])(
  "the log reports the release of a lost holder: %s",
  (act) => {
    expect(releaseOf({ ...line, act })).toEqual({ message: "shop/m", attempt: 2, at: 6100 });
  },
);

test.each([
  { ...line, act: "send" },
  { ...line, act: "postpone" },
  { ...line, message: "attempt" },
  { message: "OUTPUT" },
])("another line reports none: %j", (other) => {
  expect(releaseOf(other)).toBeUndefined();
});
