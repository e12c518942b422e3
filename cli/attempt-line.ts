import { type Piece, styled } from "../adapters/styled.ts";
import type { Attempt } from "../client/answers.ts";

const colours = { delivered: "green", failed: "yellow", unknown: "yellow" } as const;

/** Returns what came of an attempt, for one line. */
export const attemptPieces = (attempt: Attempt): readonly Piece[] => {
  const { number, outcome, class: kind, status, durationMs } = attempt;
  const result = status ?? (outcome === "failed" ? kind : undefined);
  return [
    `attempt ${number}  `,
    outcome === "in-progress" ? "in progress" : styled(colours[outcome], outcome),
    result === undefined ? "" : ` ${result}`,
    durationMs === undefined ? "" : ` after ${durationMs} ms`,
  ];
};
