/**
 * Characters that control a terminal or are invisible: controls (C0, DEL, C1), formats such as
 * changes of text direction (UAX #9), line and paragraph separators, private use, unpaired
 * surrogates. The two joiners are kept: many scripts need them.
 */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** Escapes as JSON does, in UTF-16 units: a JSON text keeps its meaning. */
const escaped = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");

/** Returns a line that is safe to print, whoever wrote its text. */
export const printableLine = (line: string): string => line.replace(unprintable, escaped);

/** Returns a text of several lines that is safe to print. */
export const printable = (text: string): string => text.split("\n").map(printableLine).join("\n");
