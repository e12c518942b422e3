import { describe, expect, test } from "@jest/globals";
import { isExpired, isTerminal, statuses } from "../../domain/message.ts";
import { t0 } from "../support/messages.ts";

describe("a message", () => {
  test("has ended when it is COMPLETED, FAILED or CANCELLED", () => {
    expect(statuses.filter(isTerminal)).toEqual(["COMPLETED", "FAILED", "CANCELLED"]);
  });

  test("counts as absent from the second of its ttl on", () => {
    const message = { ttl: t0 / 1000 };

    expect(isExpired(message, t0 - 1)).toBe(false);
    expect(isExpired(message, t0)).toBe(true);
  });
});
