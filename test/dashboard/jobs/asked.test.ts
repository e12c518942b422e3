import { describe, expect, test } from "@jest/globals";
import { jobBodyOf, planAskedIn, planQuery } from "../../../dashboard/jobs/asked.ts";

describe("The form of a replay", () => {
  test("asks for ten a second with canaries, unless it says otherwise", () => {
    const asked = planAskedIn({ target: "api.example.com", reason: "" });

    expect(jobBodyOf(asked)).toEqual({
      ...{ action: "replay", filter: { target: "api.example.com" }, ratePerSecond: 10 },
      canary: { failShareMax: 0.5 },
    });
  });

  test("asks for what was typed", () => {
    const typed = { reason: "gone", from: "2026-03-01T12:00Z", rate: " 25 ", stop: "12.5" };

    expect(jobBodyOf(planAskedIn(typed))).toEqual({
      ...{ action: "replay", filter: { reason: "gone", from: "2026-03-01T12:00Z" } },
      ...{ ratePerSecond: 25, canary: { failShareMax: 0.125 } },
    });
    expect(jobBodyOf(planAskedIn({ canary: "off" })).canary).toBe(false);
  });

  test.each(["ten", "-1", "1e3", "0x10"])(
    "leaves %s, which is no number, to be refused",
    (text) => {
      const body = jobBodyOf(planAskedIn({ rate: text, stop: text }));

      expect(body).toMatchObject({ ratePerSecond: text, canary: { failShareMax: text } });
    },
  );

  test("is filled in again from its query, and takes no member that it does not have", () => {
    const asked = planAskedIn({ target: "a b&c", stop: "x=1", action: "erase", plan: ["x"] });

    expect(planAskedIn(Object.fromEntries(new URLSearchParams(planQuery(asked))))).toEqual(asked);
    expect(Object.keys(asked).sort()).toEqual(["action", "canary", "rate", "stop", "target"]);
    expect(asked.action).toBe("replay");
  });

  test("of a cancel asks for all that is unfinished, as fast as can be, without canaries", () => {
    const asked = planAskedIn({ action: "cancel", reason: "gone", canary: "on", stop: "50" });

    expect(jobBodyOf(asked)).toEqual({
      ...{ action: "cancel", filter: { status: "unfinished" }, ratePerSecond: 100 },
    });
  });
});
