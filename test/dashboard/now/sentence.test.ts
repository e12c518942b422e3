import { describe, expect, test } from "@jest/globals";
import { type Situation, situationInWords } from "../../../dashboard/now/sentence.ts";

const now = Date.UTC(2026, 0, 31, 12);
const exact = (count: number) => ({ count, isExact: true });
const hrefs = { failing: "#failing", waiting: "?waiting" };

const calm: Situation = { now, failingTargets: exact(0), waiting: exact(0), inAttempt: 0 };
const said = (situation: Partial<Situation>): string =>
  situationInWords({ ...calm, ...situation }, hrefs)
    .map(({ text }) => text)
    .join("");

describe("The first sentence", () => {
  test("names what fails, what waits, and when the next attempt is", () => {
    const facts = { failingTargets: exact(2), waiting: exact(214), nextAt: now + 12_900 };

    expect(said(facts)).toBe(
      "2 targets are failing; 214 messages wait; the next attempt is in 12 s.",
    );
  });

  test.each<[string, Partial<Situation>]>([
    ["No target is failing; no message waits.", {}],
    [
      "1 target is failing; 1 message waits; an attempt is being made now.",
      { failingTargets: exact(1), waiting: exact(1), inAttempt: 1 },
    ],
    [
      "No target is failing; 10,000+ messages wait; the next attempt is being made now.",
      { waiting: { count: 10_000, isExact: false }, nextAt: now - 9999 },
    ],
    [
      "No target is failing; 1+ messages wait; the oldest has been due for 2 min 5 s.",
      { waiting: { count: 1, isExact: false }, nextAt: now - 125_000 },
    ],
    [
      "No target is failing; 3 messages wait; the next attempt is not known.",
      { waiting: exact(3) },
    ],
  ])("%s", (sentence, facts) => {
    expect(said(facts)).toBe(sentence);
  });

  test("leads from each number to its list", () => {
    const facts = { failingTargets: exact(2), waiting: exact(214) };
    const links = situationInWords({ ...calm, ...facts }, hrefs).filter(({ href }) => href);

    expect(links).toEqual([
      { text: "2 targets", href: "#failing" },
      { text: "214 messages", href: "?waiting" },
    ]);
  });
});
