import { expect, test } from "@jest/globals";
import { askedMs, nextBetween, rulesOf } from "../../proof/simulation/rules.ts";

/** The rules that the simulation judges by are worth something only if they are right themselves. */
const secondMs = 1000;
const dayMs = 86_400_000;
const t0 = Date.parse("2026-03-01T12:00:00Z");
const configured = { createdAt: t0, configuredMs: [5 * secondMs, 30 * secondMs] };
const rules = rulesOf({}, configured);
const ended = { from: t0, to: t0 };

test("A message has one attempt more than there are waits, and three days", () => {
  expect(rules).toMatchObject({ attemptsMax: 3, giveUpAt: t0 + 3 * dayMs });
  expect(rulesOf({ deliverAt: t0 + dayMs }, configured).giveUpAt).toBe(t0 + 4 * dayMs);
});

test("What a sender asks for wins over what is configured", () => {
  const wishes = { scheduleMs: [secondMs], giveUpAt: t0 + 9, maxAttempts: 7 };

  expect(rulesOf(wishes, configured)).toMatchObject({
    ...{ scheduleMs: [secondMs], giveUpAt: t0 + 9, attemptsMax: 7 },
  });
});

test.each([
  ["the first", 1, 4, 6],
  ["the second", 2, 24, 36],
  ["the last, which is used again", 5, 24, 36],
])("A wait is moved by a fifth either way: %s", (_, attempt, from, to) => {
  expect(nextBetween(rules, attempt, ended)).toEqual({
    ...{ from: t0 + from * secondMs, to: t0 + to * secondMs },
  });
});

test("After a replay the waits begin anew", () => {
  expect(nextBetween({ ...rules, attemptsBefore: 4 }, 5, ended).from).toBe(t0 + 4 * secondMs);
});

test.each([
  ["in seconds", "60", 60],
  ["as a date", "Sun, 01 Mar 2026 12:03:00 GMT", 180],
  ["as a date that has passed", "Sun, 01 Mar 2026 11:00:00 GMT", 0],
  ["in words", "soon", 0],
  ["for longer than a day", "999999999", 86_400],
  ["not at all", undefined, 0],
])("Retry-After asks %s", (_, retryAfter, seconds) => {
  expect(askedMs(retryAfter, t0)).toBe(seconds * secondMs);
});

test("Retry-After makes a wait longer, never shorter", () => {
  const after = (retryAfter: string) => nextBetween(rules, 1, { ...ended, retryAfter });

  expect(after("60")).toEqual({ from: t0 + 60 * secondMs, to: t0 + 60 * secondMs });
  expect(after("5")).toEqual({ from: t0 + 5 * secondMs, to: t0 + 6 * secondMs });
  expect(after("1")).toEqual({ from: t0 + 4 * secondMs, to: t0 + 6 * secondMs });
});
