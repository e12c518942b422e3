import { type Line, type Style, styled } from "../adapters/styled.ts";
import { Failed } from "./failed.ts";
import { type Finding, isAllWell, type Level } from "./finding.ts";
import type { Io } from "./io.ts";

const styles: Readonly<Record<Level, Style>> = {
  ok: "green",
  note: "cyan",
  attention: "yellow",
  broken: "red",
};

/** As wide as the longest level, and a gap. */
const labelWidth = "attention".length + 2;
const arrow = "→ ";

/** Splits a text into lines of at most so many characters; a longer word has a line of its own. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
};

/** Returns the lines of a finding: how bad it is, what it is, and below that what to do. */
export const findingLines = ({ level, what, todo }: Finding, columns: number): readonly Line[] => {
  const width = columns - labelWidth;
  const [first = "", ...rest] = wrapped(what, width);
  const advice = todo === undefined ? [] : wrapped(todo, width - arrow.length);
  const indent = " ".repeat(labelWidth);
  return [
    [styled(styles[level], level.padEnd(labelWidth)), first],
    ...rest.map((line) => `${indent}${line}`),
    ...advice.map((line, at) => `${indent}${at === 0 ? arrow : " ".repeat(arrow.length)}${line}`),
  ];
};

const countOf = (findings: readonly Finding[], level: Level): number =>
  findings.filter((finding) => finding.level === level).length;

type Verdict = {
  /** What to do if not all is well. */
  readonly next: string;
  readonly more?: object;
  /** What counts as well; by default that nothing needs to be done. */
  readonly judge?: (findings: readonly Finding[]) => boolean;
};

/**
 * Prints what was found: in lines for a person, or as one JSON object with `isWell`, `findings` and
 * what else is given. Throws a failure if not all is well.
 */
export const showFindings = (
  io: Io,
  isJson: boolean | undefined,
  findings: readonly Finding[],
  { next, more = {}, judge = isAllWell }: Verdict,
): void => {
  const isWell = judge(findings);
  // Outside of a terminal no line is broken, so that it can be searched.
  const columns = io.isTerminal ? io.columns : Number.POSITIVE_INFINITY;
  if (isJson) io.out(JSON.stringify({ isWell, findings, ...more }));
  else
    for (const finding of findings) for (const line of findingLines(finding, columns)) io.out(line);
  if (isWell) return;
  const [broken, attention] = [countOf(findings, "broken"), countOf(findings, "attention")];
  throw new Failed({
    kind: "bad",
    what: `Not all is well: ${broken} broken, ${attention} in need of attention.`,
    next,
  });
};
