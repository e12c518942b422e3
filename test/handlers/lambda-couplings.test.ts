/** Times that hold each other: at the limit all is well, one millisecond past it the worker stops. */
import { describe, expect, test } from "@jest/globals";
import { functionVariables, readSettings } from "../../adapters/settings.ts";
import { couplingFaults } from "../../handlers/lambda/couplings.ts";

const defaults = readSettings(functionVariables.worker, {
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
  POSTRIDER_TIMEOUT_MS: 1000,
  POSTRIDER_FUNCTION_TIMEOUT_MS: 100_000,
  POSTRIDER_CLOCK_MARGIN_MS: 2000,
  POSTRIDER_LEASE_MS: 100_000,
  POSTRIDER_VISIBILITY_MS: 1_000_000,
  POSTRIDER_GRACE_MS: 10_000,
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
      { POSTRIDER_TIMEOUT_MS: 30_000, POSTRIDER_FUNCTION_TIMEOUT_MS: 35_000 },
      { POSTRIDER_TIMEOUT_MS: 30_000, POSTRIDER_FUNCTION_TIMEOUT_MS: 34_999 },
      "POSTRIDER_TIMEOUT_MS: with the 5000 ms",
    ],
    [
      "an exchange and the clock margin are over before the lease",
      { POSTRIDER_TIMEOUT_MS: 10_000, POSTRIDER_LEASE_MS: 12_001 },
      { POSTRIDER_TIMEOUT_MS: 10_000, POSTRIDER_LEASE_MS: 12_000 },
      "POSTRIDER_TIMEOUT_MS: with the clock margin",
    ],
    [
      "the lease and the clock margin are over before the record comes back",
      { POSTRIDER_LEASE_MS: 700_000, POSTRIDER_VISIBILITY_MS: 702_001 },
      { POSTRIDER_LEASE_MS: 700_000, POSTRIDER_VISIBILITY_MS: 702_000 },
      "POSTRIDER_LEASE_MS: with the clock margin not less than the visibility",
    ],
    [
      "a record stays hidden for six times the function's time-out",
      { POSTRIDER_VISIBILITY_MS: 600_000 },
      { POSTRIDER_VISIBILITY_MS: 599_999 },
      "POSTRIDER_VISIBILITY_MS: less than 6 times",
    ],
    [
      "the look that is set before a claim comes before the end of its lease",
      { POSTRIDER_LEASE_MS: 118_000, POSTRIDER_GRACE_MS: 118_000 },
      { POSTRIDER_LEASE_MS: 118_000, POSTRIDER_GRACE_MS: 118_001 },
      "POSTRIDER_GRACE_MS: more than the lease of 118000 ms",
    ],
  ])("are such that %s", (_, atTheLimit, past, fault) => {
    expect(faults(atTheLimit)).toEqual([]);
    expect(faults(past)).toEqual([expect.stringContaining(fault)]);
  });

  test("are faulty all at once, and all faults are named", () => {
    const wrong = {
      ...{ POSTRIDER_TIMEOUT_MS: 30_000, POSTRIDER_FUNCTION_TIMEOUT_MS: 30_000 },
      ...{ POSTRIDER_LEASE_MS: 30_000, POSTRIDER_VISIBILITY_MS: 30_000 },
      POSTRIDER_GRACE_MS: 30_001,
    };

    expect(faults(wrong)).toHaveLength(5);
  });
});
