import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../domain/duration.ts";

describe("parseDuration", () => {
  test.each([
    ["250ms", 250],
    ["5s", 5000],
    ["2m", 120_000],
    ["6h", 21_600_000],
    ["1d", 86_400_000],
    ["0s", 0],
    ["090s", 90_000],
    [" 5s ", 5000],
  ])("reads %p as %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    "5",
    "s",
    "5 s",
    "-5s",
    "+5s",
    "1.5h",
    "1e3s",
    "5S",
    "5w",
    "1h30m",
    "5s\u0000",
    "٥s",
  ])("does not read %p", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  test.each([
    [250, "250ms"],
    [5000, "5s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [21_600_000, "6h"],
    [86_400_000, "1d"],
    [90_000_000, "25h"],
    [1001, "1001ms"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("writes what parseDuration reads, for every length up to ten days", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
