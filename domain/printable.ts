/**
 * What a terminal obeys instead of showing it, or what does not show: controls (C0, DEL, C1), formats
 * such as those that turn the direction of text (UAX #9), separators of lines and paragraphs, private
 * characters, and halves of pairs. The two joiners stay, for words of many scripts need them.
 */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

/** As JSON escapes it, in UTF-16 units, so that a text that is JSON means the same as before. */
const escaped = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");

/** A line that may be printed, whoever wrote what is in it. */
export const printableLine = (line: string): string => line.replace(unprintable, escaped);

/** The same for a text of several lines. */
export const printable = (text: string): string => text.split("\n").map(printableLine).join("\n");
