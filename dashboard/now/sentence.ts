import { spanInWords } from "../../domain/duration.ts";
import { type Count, countText, wordFor } from "../numbers.ts";

/** What the first sentence of the page Now is made of. */
export type Situation = {
  readonly now: number;
  readonly failingTargets: Count;
  /** Messages that have not ended. */
  readonly waiting: Count;
  /** Of those, whose attempt is being made. */
  readonly inAttempt: number;
  /** When the next attempt of those that wait may begin; absent if none waits for one. */
  readonly nextAt?: number | undefined;
};

/** A part of a sentence: a text, which may lead to the list that it counts. */
export type Part = { readonly text: string; readonly href?: string };

/** A message that is due is taken within a second or two; after this it is worth a word. */
const lateMs = 10_000;

const nextText = ({ nextAt, inAttempt, now }: Situation): string => {
  if (nextAt === undefined)
    return inAttempt > 0 ? "an attempt is being made now" : "the next attempt is not known";
  if (nextAt > now) return `the next attempt is in ${spanInWords(nextAt - now)}`;
  return now - nextAt < lateMs
    ? "the next attempt is being made now"
    : `the oldest has been due for ${spanInWords(now - nextAt)}`;
};

/** Returns what of it is spoken when it changes: without the time of the next attempt. */
export const spokenSituation = ({ failingTargets: failing, waiting }: Situation): string => {
  const fails = `${countText(failing)} ${wordFor(failing, "target is", "targets are")} failing`;
  return `${fails}; ${countText(waiting)} ${wordFor(waiting, "message waits", "messages wait")}.`;
};

/**
 * Returns the sentence that says how things are: what fails, what waits, and when something happens
 * next. Each number leads to its list.
 */
export const situationInWords = (
  situation: Situation,
  hrefs: { readonly failing: string; readonly waiting: string },
): readonly Part[] => {
  const { failingTargets: failing, waiting } = situation;
  const fails: readonly Part[] =
    failing.count === 0
      ? [{ text: "No target is failing" }]
      : [
          { text: `${countText(failing)} ${wordFor(failing, "target")}`, href: hrefs.failing },
          { text: wordFor(failing, " is failing", " are failing") },
        ];
  if (waiting.count === 0) return [...fails, { text: "; no message waits." }];
  return [
    ...fails,
    { text: "; " },
    { text: `${countText(waiting)} ${wordFor(waiting, "message")}`, href: hrefs.waiting },
    { text: `${wordFor(waiting, " waits", " wait")}; ${nextText(situation)}.` },
  ];
};
