import { describe, expect, test } from "@jest/globals";
import type { Attempt, HistoryEvent } from "../../../client/answers.ts";
import { attemptList } from "../../../dashboard/message/attempts.ts";
import { timeline } from "../../../dashboard/message/timeline.ts";
import { spansOf } from "../../../dashboard/message/waterfall.ts";

const failed = (given: Partial<Attempt>): Attempt => ({
  ...{ number: 1, outcome: "failed", class: "status", status: 503, durationMs: 100 },
  ...given,
});

describe("The phases of an attempt", () => {
  test("lie one after the other, and are as long as the attempt", () => {
    const timings = { dnsMs: 10, connectMs: 20, tlsMs: 30, firstByteMs: 75 };

    expect(spansOf(failed({ timings }))).toEqual([
      { phase: "dns", fromMs: 0, ms: 10 },
      { phase: "connect", fromMs: 10, ms: 20 },
      { phase: "tls", fromMs: 30, ms: 30 },
      { phase: "wait", fromMs: 60, ms: 15 },
      { phase: "read", fromMs: 75, ms: 25 },
    ]);
  });

  test("of a connection that was used before are wait and read", () => {
    expect(spansOf(failed({ timings: { firstByteMs: 75 } }))).toEqual([
      { phase: "wait", fromMs: 0, ms: 75 },
      { phase: "read", fromMs: 75, ms: 25 },
    ]);
  });

  test("of one that got no answer end with the wait, and no phase is shorter than nothing", () => {
    expect(spansOf(failed({ timings: { dnsMs: 10, connectMs: 20 } }))).toEqual([
      ...[
        { phase: "dns", fromMs: 0, ms: 10 },
        { phase: "connect", fromMs: 10, ms: 20 },
      ],
      { phase: "wait", fromMs: 30, ms: 70 },
    ]);
    expect(spansOf(failed({ durationMs: 5, timings: { dnsMs: 10 } })).at(-1)?.ms).toBe(0);
  });
});

test("Of a message with thousands of attempts the latest are shown, and how many others there are", () => {
  const attempts = Array.from({ length: 4950 }, (_, index) => failed({ number: index + 1 }));
  const events = attempts.map((attempt): HistoryEvent => ({ kind: "attempt", ...attempt }));

  const list = String(attemptList(attempts, 0));
  const line = String(timeline(events));

  expect(list).toContain("Attempt 4950");
  expect(list).toContain("4,925 earlier attempts");
  expect(line).toContain("4,890 earlier events");
  expect(list.length + line.length).toBeLessThan(50_000);
});
