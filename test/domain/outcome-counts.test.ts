import { describe, expect, test } from "@jest/globals";
import { bucketsOf, outcomeRange } from "../../domain/outcome-buckets.ts";
import {
  addOutcomes,
  boundsMs,
  countedAttempt,
  noOutcomes,
  outcomesOf,
  percentileMs,
} from "../../domain/outcome-counts.ts";
import { aMessage, hourMs, minuteMs, secondMs, t0 } from "../support/messages.ts";

const ended = (members: object) => countedAttempt({ ...aMessage(), createdAt: t0, ...members }, 80);
const delivered = { status: "COMPLETED", completedAt: t0 + hourMs } as const;

describe("An attempt is counted", () => {
  test.each([
    ["COMPLETED", "completed"],
    ["FAILED", "failed"],
    ["PENDING", "retried"],
    ["CANCELLED", undefined],
  ])("by the state that it left: %s", (status, end) => {
    expect(ended({ status }).end).toBe(end);
  });

  test("the delivery time counts from the submit, or from deliverAt if that was later", () => {
    const scheduled = { ...delivered, deliverAt: t0 + hourMs - secondMs };

    expect(ended(delivered).deliveryMs).toBe(hourMs);
    expect(ended(scheduled).deliveryMs).toBe(secondMs);
    expect(ended({ ...delivered, deliverAt: t0 - hourMs }).deliveryMs).toBe(hourMs);
    // The clock of the worker may be behind that of whoever took the message.
    expect(ended({ ...delivered, deliverAt: t0 + 2 * hourMs }).deliveryMs).toBe(0);
  });

  test("the duration of the submit is counted once, by the first attempt", () => {
    const first = { ...delivered, attempts: 1, queuedAt: t0 + 40 };

    expect(ended(first).acceptMs).toBe(40);
    expect(ended({ ...first, queuedAt: t0 - 5 }).acceptMs).toBe(0);
    for (const other of [{ attempts: 2 }, { replays: 1 }, { queuedAt: undefined }])
      expect(ended({ ...first, ...other })).not.toHaveProperty("acceptMs");
    // Put on the queue by the dispatcher: its submit was not answered so.
    expect(ended({ ...first, queuedAt: t0 + minuteMs })).not.toHaveProperty("acceptMs");
  });

  test("without a time of delivery, if it is one of a replay or failed", () => {
    expect(ended({ ...delivered, replays: 1 })).not.toHaveProperty("deliveryMs");
    expect(ended({ ...delivered, status: "FAILED" })).not.toHaveProperty("deliveryMs");
  });
});

describe("The duration that a share does not exceed", () => {
  const of = (...exchangesMs: readonly number[]) =>
    outcomesOf(exchangesMs.map((exchangeMs) => ({ senderId: "shop", exchangeMs }))).exchange;

  test("is within the class of the duration at that place", () => {
    const histogram = of(
      ...Array.from({ length: 94 }, () => 60),
      ...[900, 900, 900, 900, 900, 4000],
    );

    expect(percentileMs(histogram, 0.5)).toBe(61);
    expect(percentileMs(histogram, 0.95)).toBeGreaterThan(700);
    expect(percentileMs(histogram, 0.95)).toBeLessThanOrEqual(1000);
    expect(percentileMs(histogram, 1)).toBe(5000);
  });

  test("is a bound if all durations are at it, for each bound", () => {
    expect(boundsMs.map((bound) => percentileMs(of(bound), 1))).toEqual([...boundsMs]);
  });

  test("is the largest bound for what is longer, and unknown of nothing", () => {
    expect(percentileMs(of(10 ** 12), 0.5)).toBe(boundsMs.at(-1));
    expect(percentileMs(noOutcomes.exchange, 0.95)).toBeUndefined();
  });

  test("is the same whether counts were added up or counted together", () => {
    const together = addOutcomes(
      { ...noOutcomes, exchange: of(5, 80) },
      { ...noOutcomes, exchange: of(80, 9000) },
    );

    expect(together.exchange).toEqual(of(5, 80, 80, 9000));
  });
});

describe("Buckets", () => {
  const one = { ...noOutcomes, failed: 1 };

  test("are there for every five minutes of a day, with zeros where nothing was counted", () => {
    const range = outcomeRange(t0 + secondMs, t0 + secondMs + 24 * hourMs);
    const buckets = bucketsOf(range, [{ ...one, from: t0 + 5 * minuteMs }]);

    expect(buckets).toHaveLength(24 * 12 + 1);
    expect(buckets[1]).toEqual({ ...one, from: t0 + 5 * minuteMs, to: t0 + 10 * minuteMs });
    expect(buckets.filter(({ failed }) => failed === 0)).toHaveLength(24 * 12);
  });

  test("are of an hour in a longer range, and add up what is within it", () => {
    const range = outcomeRange(t0 + minuteMs, t0 + 48 * hourMs);
    const at = [5, 55, 60].map((minutes) => ({ ...one, from: t0 + minutes * minuteMs }));

    const buckets = bucketsOf(range, at);

    expect(buckets).toHaveLength(48);
    expect(buckets.slice(0, 3).map(({ failed }) => failed)).toEqual([2, 1, 0]);
    expect(buckets[0]).toMatchObject({ from: t0, to: t0 + hourMs });
  });
});
