import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  delaySeconds,
  dueAfterLook,
  dueAfterSend,
  dueFor,
  isNear,
  isOverdue,
} from "../../domain/schedule.ts";
import { clockMarginMs, graceMs, hourMs, leaseMs, minuteMs, t0 } from "../support/messages.ts";

const quarterMs = 900_000;

describe("near", () => {
  test("is what the queue can delay: 900 seconds, and not a millisecond more", () => {
    expect(isNear(t0 + quarterMs, t0)).toBe(true);
    expect(isNear(t0 + quarterMs + 1, t0)).toBe(false);
  });

  test("is what is past", () => {
    expect(isNear(t0 - hourMs, t0)).toBe(true);
  });
});

describe("the delay of a record", () => {
  test.each([
    [-hourMs, 0],
    [0, 0],
    [1, 1],
    [1000, 1],
    [1001, 2],
    [quarterMs - 1, 900],
    [quarterMs, 900],
    [quarterMs + 1, 900],
  ])("of an attempt in %i ms is %i s", (ahead, seconds) => {
    expect(delaySeconds(t0 + ahead, t0)).toBe(seconds);
  });

  test("is never early and less than a second late, for whatever is near", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: quarterMs }), (ahead) => {
        const arrivesAt = t0 + delaySeconds(t0 + ahead, t0) * 1000;

        expect(arrivesAt).toBeGreaterThanOrEqual(t0 + ahead);
        expect(arrivesAt).toBeLessThan(t0 + ahead + 1000);
      }),
    );
  });
});

describe("the next look", () => {
  test.each([
    ["now", 0, graceMs],
    ["as far as the queue can delay", quarterMs, quarterMs + graceMs],
    ["a millisecond further", quarterMs + 1, quarterMs + 1 - 2 * minuteMs],
    ["tomorrow", 24 * hourMs, 24 * hourMs - 2 * minuteMs],
  ])("at an attempt that may begin %s is in time", (_when, ahead, look) => {
    expect(dueFor(t0 + ahead, t0, graceMs)).toEqual({ notBefore: t0 + ahead, dueAt: t0 + look });
  });

  test("the check of a far attempt comes when the queue can delay its record", () => {
    const { notBefore, dueAt } = dueFor(t0 + hourMs, t0, graceMs);

    expect(isNear(notBefore, dueAt)).toBe(true);
  });

  test.each([
    ["a record that waits for its time", minuteMs, minuteMs + graceMs],
    ["a record whose time has come", -hourMs, graceMs],
  ])("after sending %s leaves it the grace", (_what, ahead, look) => {
    expect(dueAfterSend(t0 + ahead, t0, graceMs)).toBe(t0 + look);
  });

  test.each([
    [0, 15 * minuteMs],
    [15 * minuteMs, 15 * minuteMs],
    [15 * minuteMs + 1, 15 * minuteMs + 1],
    [2 * hourMs, 2 * hourMs],
    [6 * hourMs, 6 * hourMs],
    [6 * hourMs + 1, 6 * hourMs],
    [-hourMs, 15 * minuteMs],
  ])("at a message that has waited %i ms is in %i ms", (waited, wait) => {
    const message = { status: "QUEUED", notBefore: t0 - waited } as const;

    expect(dueAfterLook(message, t0, clockMarginMs)).toBe(t0 + wait);
  });

  test("a message that is not held is rescheduled without a lease", () => {
    const message = { status: "QUEUED", notBefore: t0, leaseUntil: t0 + leaseMs } as const;

    expect(dueAfterLook(message, t0, clockMarginMs)).toBe(t0 + 15 * minuteMs);
  });

  test("a message with a live lease is checked after the lease and the clock margin", () => {
    const message = { status: "PROCESSING", leaseUntil: t0 + leaseMs, notBefore: t0 } as const;

    expect(dueAfterLook(message, t0, clockMarginMs)).toBe(t0 + leaseMs + clockMarginMs + 1);
  });

  test("the check comes in the millisecond after the clock margin", () => {
    const message = {
      status: "PROCESSING",
      leaseUntil: t0 - clockMarginMs,
      notBefore: t0,
    } as const;

    expect(dueAfterLook(message, t0, clockMarginMs)).toBe(t0 + 1);
  });

  test("is always ahead", () => {
    const leases = fc.integer({ min: t0 - hourMs, max: t0 + hourMs });
    const states = fc.constantFrom("PENDING", "QUEUED", "PROCESSING");

    fc.assert(
      fc.property(states, leases, leases, (status, leaseUntil, notBefore) => {
        const look = dueAfterLook({ status, leaseUntil, notBefore }, t0, clockMarginMs);

        expect(look).toBeGreaterThan(t0);
        expect(look).toBeLessThanOrEqual(t0 + 6 * hourMs);
      }),
    );
  });
});

describe("overdue", () => {
  test("is a record that has been waited for a quarter of an hour past its time", () => {
    expect(isOverdue(t0 - 15 * minuteMs, t0)).toBe(true);
    expect(isOverdue(t0 - 15 * minuteMs + 1, t0)).toBe(false);
  });
});
