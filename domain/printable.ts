/**
 * What a terminal obeys instead of showing it: controls (C0, DEL, C1), what turns the direction of
 * text (UAX #9: marks, embeddings, isolates), and the separators of lines and paragraphs.
 */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** As JSON escapes it, so that a text that is JSON means the same as before. */
const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A line that may be printed, whoever wrote what is in it. */
export const printableLine = (line: string): string => line.replace(unprintable, escaped);

/** The same for a text of several lines. */
export const printable = (text: string): string => text.split("\n").map(printableLine).join("\n");
