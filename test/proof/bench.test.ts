import { describe, expect, test } from "@jest/globals";
import { compareFlows } from "../../bench/flows.ts";

/**
 * In one run and in turns, so that a busy machine slows both alike. The bound has room for noise: it is
 * for a change that makes the handlers take much longer. `npm run bench` has the figures.
 */
const few = { rounds: 5, messages: 300 };
const ratioMax = { ingest: 1.75, deliver: 1.75 } as const;

describe("The handlers, beside the same flow written out by hand", () => {
  test.each(["ingest", "deliver"] as const)("make the same calls, no more: %s", async (what) => {
    const { handlers, byHand } = await compareFlows(
      { what, over: "engine" },
      { rounds: 1, messages: 20 },
    );

    // The key and its sender are read again once a minute, however few messages that was for.
    const { GetItem: _, ...calls } = handlers.callsPerMessage;
    expect(calls).toEqual(byHand.callsPerMessage);
  });

  test.each(["ingest", "deliver"] as const)(
    "take a processor's time in a known proportion to it: %s",
    async (what) => {
      const { ratio } = await compareFlows({ what, over: "stub" }, few);

      expect(ratio.median).toBeLessThan(ratioMax[what]);
    },
  );
});
