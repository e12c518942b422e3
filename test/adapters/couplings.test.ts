/** Times that hold each other: at the limit all is well, one millisecond past it the worker stops. */
import { describe, expect, test } from "@jest/globals";
import { couplingFaults } from "../../adapters/couplings.ts";
import { readSettings } from "../../adapters/read-settings.ts";

const defaults = readSettings("worker", {
  POSTRIDER_TABLE: "postrider",
  POSTRIDER_QUEUE_URL: "https://sqs.example.com/q",
  POSTRIDER_MASTER_KEY_SECRET: "keys",
  POSTRIDER_FUNCTION_TIMEOUT_MS: "60000",
  POSTRIDER_VISIBILITY_MS: "360000",
  UV_THREADPOOL_SIZE: "256",
});

/** Settings in which nothing is at its limit, but for what is given. */
const roomy = {
  ...defaults,
  timeoutMs: 1000,
  functionTimeoutMs: 100_000,
  clockMarginMs: 2000,
  leaseMs: 100_000,
  visibilityMs: 1_000_000,
  graceMs: 10_000,
};

const faults = (given: Partial<typeof defaults>) => couplingFaults({ ...roomy, ...given });

describe("The worker's times", () => {
  test("hold each other by default", () => {
    expect(couplingFaults(defaults)).toEqual([]);
    expect(faults({})).toEqual([]);
  });

  test.each([
    [
      "an exchange and five seconds fit into the function's time-out",
      { timeoutMs: 30_000, functionTimeoutMs: 35_000 },
      { timeoutMs: 30_000, functionTimeoutMs: 34_999 },
      "POSTRIDER_TIMEOUT_MS: with the 5000 ms",
    ],
    [
      "an exchange and the clock margin are over before the lease",
      { timeoutMs: 10_000, leaseMs: 12_001 },
      { timeoutMs: 10_000, leaseMs: 12_000 },
      "POSTRIDER_TIMEOUT_MS: with the clock margin",
    ],
    [
      "the lease and the clock margin are over before the record comes back",
      { leaseMs: 700_000, visibilityMs: 702_001 },
      { leaseMs: 700_000, visibilityMs: 702_000 },
      "POSTRIDER_LEASE_MS: with the clock margin not less than the visibility",
    ],
    [
      "a record stays hidden for six times the function's time-out",
      { visibilityMs: 600_000 },
      { visibilityMs: 599_999 },
      "POSTRIDER_VISIBILITY_MS: less than 6 times",
    ],
    [
      "the look that is set before a claim comes before the end of its lease",
      { leaseMs: 118_000, graceMs: 118_000 },
      { leaseMs: 118_000, graceMs: 118_001 },
      "POSTRIDER_GRACE_MS: more than the lease of 118000 ms",
    ],
  ])("are such that %s", (_, atTheLimit, past, fault) => {
    expect(faults(atTheLimit)).toEqual([]);
    expect(faults(past)).toEqual([expect.stringContaining(fault)]);
  });

  test("are faulty all at once, and all faults are named", () => {
    const wrong = {
      ...{ timeoutMs: 30_000, functionTimeoutMs: 30_000 },
      ...{ leaseMs: 30_000, visibilityMs: 30_000 },
      graceMs: 30_001,
    };

    expect(faults(wrong)).toHaveLength(5);
  });
});
