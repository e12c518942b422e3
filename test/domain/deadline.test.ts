import { describe, expect, test } from "@jest/globals";
import { type ExchangeBounds, exchangeDeadlineMs } from "../../domain/deadline.ts";

const now = 1_000_000;
const roomy: ExchangeBounds = {
  now,
  timeoutMs: 15_000,
  leaseUntil: now + 65_000,
  clockMarginMs: 5000,
  endsAt: now + 60_000,
  settleMs: 5000,
};

describe("An exchange ends", () => {
  test.each<[string, Partial<ExchangeBounds>, number]>([
    ["by its time-out where nothing else is nearer", {}, 15_000],
    ["by the clock margin before its lease is over", { leaseUntil: now + 12_000 }, 7000],
    ["while the process has time left to settle", { endsAt: now + 13_000 }, 8000],
  ])("%s", (_when, given, deadlineMs) => {
    expect(exchangeDeadlineMs({ ...roomy, ...given })).toBe(deadlineMs);
  });

  test.each<[string, Partial<ExchangeBounds>]>([
    ["the lease may count as over", { leaseUntil: now + 5000 }],
    ["there is only the time to settle left", { endsAt: now + 5000 }],
  ])("before it begins if %s", (_when, given) => {
    expect(exchangeDeadlineMs({ ...roomy, ...given })).toBeLessThanOrEqual(0);
  });
});
