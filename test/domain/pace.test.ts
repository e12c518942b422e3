import { describe, expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import { mayGoOn, type Pace, paceAfter, startingPace } from "../../domain/pace.ts";

const { dispatchMarginMs: marginMs } = limits;

describe("A run may begin another page", () => {
  test.each<[string, Partial<Pace>, number]>([
    ["until its margin begins", {}, marginMs],
    ["if one like the slowest so far ends before it", { slowestPageMs: 800 }, marginMs + 800],
    ["if the pause before it fits in, too", { slowestPageMs: 800, pauseMs: 50 }, marginMs + 850],
  ])("%s", (_when, given, neededMs) => {
    const pace = { ...startingPace, ...given };

    expect(mayGoOn(neededMs + 1, pace)).toBe(true);
    expect(mayGoOn(neededMs, pace)).toBe(false);
  });
});

describe("The pace of a run", () => {
  const after = (...pages: readonly boolean[]): number =>
    pages.reduce((pace, isOverloaded) => paceAfter(pace, { tookMs: 0, isOverloaded }), startingPace)
      .pauseMs;

  test("has no pause while all goes well", () => {
    expect(after(false, false)).toBe(0);
  });

  test("pauses twice as long after each page that was too much, up to two seconds", () => {
    expect([1, 2, 3, 6, 7, 20].map((pages) => after(...Array(pages).fill(true)))).toEqual([
      ...[50, 100, 200, 1600, 2000, 2000],
    ]);
  });

  test("pauses half as long after each other one, until there is none", () => {
    const three = [true, true, true];

    expect([1, 2, 3].map((pages) => after(...three, ...Array(pages).fill(false)))).toEqual([
      ...[100, 50, 0],
    ]);
  });

  test("remembers the slowest page", () => {
    const pages = [300, 900, 20].map((tookMs) => ({ tookMs, isOverloaded: false }));

    expect(pages.reduce(paceAfter, startingPace).slowestPageMs).toBe(900);
  });
});
