import { expect, test } from "@jest/globals";
import { timesOf, tookOf } from "../../domain/took.ts";

test("What an exchange took is the same after it was stored", () => {
  const timings = { dnsMs: 3, connectMs: 0, tlsMs: 20, firstByteMs: 40 };

  expect(timesOf(tookOf({ durationMs: 41, timings }))).toEqual({ durationMs: 41, timings });
});

test("A phase that was not measured stays away: a connection was used before", () => {
  expect(timesOf(tookOf({ durationMs: 12, timings: { firstByteMs: 11 } }))).toEqual({
    ...{ durationMs: 12, timings: { firstByteMs: 11 } },
  });
  expect(timesOf(tookOf({ durationMs: 12 }))).toEqual({ durationMs: 12, timings: {} });
});

test("Parts of milliseconds are rounded: the message has room for whole ones", () => {
  expect(tookOf({ durationMs: 12.4, timings: { firstByteMs: 11.6 } })).toEqual([
    12, -1, -1, -1, 12,
  ]);
});

test("Nothing is known of what an older version delivered", () => {
  expect(timesOf(undefined)).toEqual({});
  expect(timesOf([])).toEqual({});
});
