import { expect, test } from "@jest/globals";
import type { ListedMessage } from "../../../client/answers.ts";
import { durationsOf } from "../../../dashboard/now/delivered.ts";

const start = Date.parse("2026-03-01T12:00:00Z");
const deliveredIn = (ms: number, members: Partial<ListedMessage> = {}) =>
  ({
    createdAt: new Date(start).toISOString(),
    lastOutcome: { attempt: 1, class: "accepted", at: new Date(start + ms).toISOString() },
    ...members,
  }) as ListedMessage;

test("Half of the messages took no longer than the median, and 95 % no longer than p95", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => deliveredIn(100 - index));

  expect(durationsOf(hundred)).toEqual({ p50Ms: 50, p95Ms: 95 });
  expect(durationsOf([deliveredIn(7)])).toEqual({ p50Ms: 7, p95Ms: 7 });
});

test("Nothing is known of none, nor of what was not accepted", () => {
  const lastOutcome = { attempt: 1, class: "status", at: new Date(start).toISOString() } as const;

  expect(durationsOf([])).toEqual({});
  expect(durationsOf([deliveredIn(5, { lastOutcome })])).toEqual({});
});

test("A clock that is behind takes no time back", () => {
  expect(durationsOf([deliveredIn(-20)])).toEqual({ p50Ms: 0, p95Ms: 0 });
});
