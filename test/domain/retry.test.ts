import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type AttemptFacts, decideVerdict, factsOf, waitMs } from "../../domain/retry.ts";
import {
  aMessage,
  dayMs,
  defaultScheduleMs,
  hourMs,
  minuteMs,
  secondMs,
  t0,
} from "../support/messages.ts";

/** The dice in the middle: no jitter. */
const middle = 0.5;

const facts = (overrides: Partial<AttemptFacts> = {}): AttemptFacts => ({
  number: 1,
  allowed: 10,
  before: 0,
  giveUpAt: t0 + 3 * dayMs,
  scheduleMs: defaultScheduleMs,
  now: t0,
  random: middle,
  ...overrides,
});

describe("the wait after an attempt", () => {
  test.each([
    [1, 5 * secondMs],
    [2, 30 * secondMs],
    [3, 2 * minuteMs],
    [4, 10 * minuteMs],
    [5, 30 * minuteMs],
    [6, 2 * hourMs],
    [7, 6 * hourMs],
    [8, 14 * hourMs],
    [9, 24 * hourMs],
  ])("number %i is %i ms by default, less the jitter", (number, wait) => {
    expect(waitMs(facts({ number }))).toBe(wait);
  });

  test.each([
    [0, 8_000],
    [0.25, 9_000],
    [0.5, 10_000],
    [0.75, 11_000],
  ])("is moved by the dice: at %d to %i of 10,000 ms", (random, wait) => {
    expect(waitMs(facts({ random, scheduleMs: [10_000] }))).toBe(wait);
  });

  test("stays within a fifth of its entry, in whole milliseconds", () => {
    const entries = fc.array(fc.integer({ min: 0, max: dayMs }), { minLength: 1, maxLength: 20 });
    const numbers = fc.integer({ min: 1, max: 60 });
    const dice = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

    fc.assert(
      fc.property(entries, numbers, dice, (scheduleMs, number, random) => {
        const entry = scheduleMs[Math.min(number, scheduleMs.length) - 1] ?? 0;

        const wait = waitMs(facts({ scheduleMs, number, random }));

        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(entry * 0.8));
        expect(wait).toBeLessThanOrEqual(Math.ceil(entry * 1.2));
      }),
    );
  });

  test("is the last entry for all attempts past the end of the schedule", () => {
    expect(waitMs(facts({ number: 3, scheduleMs: [1000, 2000] }))).toBe(2000);
    expect(waitMs(facts({ number: 40, scheduleMs: [1000, 2000] }))).toBe(2000);
  });

  test("begins with the first entry again after a replay", () => {
    expect(waitMs(facts({ number: 11, before: 10 }))).toBe(5 * secondMs);
    expect(waitMs(facts({ number: 12, before: 10 }))).toBe(30 * secondMs);
  });

  test("is none where the schedule is empty", () => {
    expect(waitMs(facts({ scheduleMs: [] }))).toBe(0);
  });
});

describe("Retry-After", () => {
  test.each([
    ["makes the wait longer", minuteMs, minuteMs],
    ["does not make it shorter", secondMs, 5 * secondMs],
    ["of nothing changes nothing", 0, 5 * secondMs],
    ["is obeyed up to 24 hours", dayMs, dayMs],
    ["is cut at 24 hours", 365 * dayMs, dayMs],
  ])("%s", (_what, retryAfterMs, wait) => {
    expect(waitMs(facts(), retryAfterMs)).toBe(wait);
  });

  test("does not cut a wait of the schedule that jitter makes longer than 24 hours", () => {
    expect(waitMs(facts({ number: 9, random: 0.75 }), 365 * dayMs)).toBe(26.4 * hourMs);
  });
});

describe("decideVerdict", () => {
  const unavailable = { kind: "retryable", class: "status", status: 503 } as const;

  test("completes what was accepted, even on the last attempt and too late", () => {
    const last = facts({ number: 10, giveUpAt: t0 - 1 });

    expect(decideVerdict({ kind: "accepted", status: 204 }, last)).toEqual({ verb: "complete" });
  });

  test("fails what is final, with its reason, whatever is left", () => {
    const gone = { kind: "final", class: "status", status: 410, reason: "gone" } as const;

    expect(decideVerdict(gone, facts())).toEqual({ verb: "fail", reason: "gone" });
  });

  test("retries what may be better next time, after the wait", () => {
    expect(decideVerdict(unavailable, facts())).toEqual({
      verb: "retry",
      notBefore: t0 + 5 * secondMs,
    });
    expect(decideVerdict({ ...unavailable, retryAfterMs: hourMs }, facts())).toEqual({
      verb: "retry",
      notBefore: t0 + hourMs,
    });
  });

  test.each([
    ["is retried if one attempt is left", 9, { verb: "retry", notBefore: t0 + dayMs }],
    ["is exhausted if none is", 10, { verb: "fail", reason: "attempts-exhausted" }],
    ["is exhausted if it has more than it may", 11, { verb: "fail", reason: "attempts-exhausted" }],
  ])("says that a message %s", (_what, number, verdict) => {
    expect(decideVerdict(unavailable, facts({ number }))).toEqual(verdict);
  });

  test.each([
    ["at its last moment is made", 5 * secondMs, { verb: "retry", notBefore: t0 + 5 * secondMs }],
    ["a millisecond past it is too late", 5 * secondMs - 1, { verb: "fail", reason: "too-late" }],
  ])("says that an attempt %s", (_what, left, verdict) => {
    expect(decideVerdict(unavailable, facts({ giveUpAt: t0 + left }))).toEqual(verdict);
  });

  test("says that a Retry-After past the last moment makes it too late", () => {
    const asked = { ...unavailable, retryAfterMs: hourMs };

    expect(decideVerdict(asked, facts({ giveUpAt: t0 + hourMs - 1 }))).toEqual({
      verb: "fail",
      reason: "too-late",
    });
  });
});

describe("factsOf", () => {
  const now = { scheduleMs: defaultScheduleMs, now: t0, random: middle };

  test("takes the numbers from the message", () => {
    const message = aMessage({ attempts: 12, attemptsAllowed: 20, attemptsBefore: 10 });

    expect(factsOf(message, now)).toEqual(
      facts({ number: 12, allowed: 20, before: 10, giveUpAt: message.giveUpAt }),
    );
  });

  test("takes the message's own schedule before the default", () => {
    expect(factsOf(aMessage({ scheduleMs: [7] }), now).scheduleMs).toEqual([7]);
  });
});
