import { styleText } from "node:util";
import { printableLine } from "../domain/printable.ts";
import type { Environment } from "./environment.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** A part of a line, and how it is shown where there are colours. */
export type Piece = string | { readonly text: string; readonly style: Style };
export type Line = Piece | readonly Piece[];

/** Returns a piece in a style. */
export const styled = (style: Style, text: string): Piece => ({ style, text });

const renderedPiece = (piece: Piece, hasColours: boolean): string => {
  if (typeof piece === "string") return printableLine(piece);
  const text = printableLine(piece.text);
  // Whether the stream has colours was decided before.
  return hasColours ? styleText(piece.style, text, { validateStream: false }) : text;
};

/** Returns a line as it is printed: what a terminal obeys is escaped, but for the styles. */
export const rendered = (line: Line, hasColours: boolean): string =>
  [line]
    .flat()
    .map((piece) => renderedPiece(piece, hasColours))
    .join("");

/** Says whether a stream is shown in colours: a terminal, unless `NO_COLOR` is set to anything. */
export const hasColours = (
  { isTTY }: { readonly isTTY?: boolean },
  environment: Environment,
): boolean => Boolean(isTTY) && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
