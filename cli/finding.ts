/**
 * What was found: `ok`, and nothing is to do; `note`, which only its reader can judge; `attention`, which
 * will become a fault or may be one; `broken`, which is one.
 */
export type Level = "ok" | "note" | "attention" | "broken";

/** One thing that was examined. */
export type Finding = {
  readonly level: Level;
  /** What it is about, in one word for a program: it does not change. */
  readonly about: string;
  /** What was found, in a sentence. */
  readonly what: string;
  /** What to do about it. */
  readonly todo?: string;
};

/** Tells whether it works: what needs attention is not counted. */
export const isWorking = (findings: readonly Finding[]): boolean =>
  findings.every(({ level }) => level !== "broken");

/** Tells whether nothing needs to be done. */
export const isAllWell = (findings: readonly Finding[]): boolean =>
  findings.every(({ level }) => level === "ok" || level === "note");
