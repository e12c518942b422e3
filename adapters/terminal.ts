import { inspect } from "node:util";
import { printable, printableLine } from "../domain/printable.ts";
import { type Line, rendered } from "./styled.ts";

/**
 * Prints text on standard output, with every character escaped that a terminal obeys, whoever wrote
 * it. Returns `false` while the reader is slower than what is printed.
 */
export const print = (text: string): boolean => process.stdout.write(printable(text));

/** Prints text on standard error, escaped in the same way. */
export const printError = (text: string): void => {
  process.stderr.write(printable(text));
};

/**
 * Returns a function that prints a line on a stream, in colours or without. It returns `false` while
 * the reader is slower than what is printed.
 */
export const linePrinter =
  (stream: { readonly write: (text: string) => boolean }, hasColours: boolean) =>
  (line: Line): boolean =>
    stream.write(`${rendered(line, hasColours)}\n`);

/**
 * Returns a function that prints bytes as they are. Throws where the stream is a terminal, which would
 * obey them.
 */
export const bytesPrinter =
  (stream: { readonly isTTY?: boolean; readonly write: (bytes: Uint8Array) => unknown }) =>
  (bytes: Uint8Array): void => {
    if (stream.isTTY) throw new Error("Raw bytes are not written to a terminal");
    stream.write(bytes);
  };

/** The part of a stream that progress is shown on. */
export type Progress = Pick<NodeJS.WriteStream, "isTTY"> & {
  readonly write: (text: string) => unknown;
};

/**
 * Shows how far something is: on a terminal in place of what was shown last, elsewhere in a line of
 * its own. An empty text makes room for whatever is printed next.
 */
export const showProgress = (stream: Progress, text: string): void => {
  if (stream.isTTY) stream.write(`\r\u001b[K${printableLine(text)}`);
  else if (text !== "") stream.write(`${printableLine(text)}\n`);
};

/**
 * Prints an uncaught error as Node does, but escaped: it may quote text that others wrote.
 * The process then ends with this exit code.
 */
export const endOnUncaught = (exitCode: number): void => {
  process.once("uncaughtException", (error) => {
    printError(`${inspect(error)}\n`);
    process.exit(exitCode);
  });
};
