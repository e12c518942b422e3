/** What is wrong with a text, and how to tell: the first that holds is said. */
const faults: readonly (readonly [message: string, holds: (text: string) => boolean])[] = [
  ["must be base64 with + and /, not base64url with - and _", (text) => /[-_]/.test(text)],
  ["must be base64 without white space", (text) => /\s/.test(text)],
  ["must be base64 (RFC 4648, 4)", (text) => !/^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  [
    "must be base64 with its padding: the length is no multiple of 4",
    (text) => text.length % 4 !== 0,
  ],
  [
    // Several texts would be the same bytes, and what was meant nobody can say (RFC 4648, 3.5).
    "must be base64 as it is encoded: the last character before the padding has bits that are lost",
    (text) => Buffer.from(text, "base64").toString("base64") !== text,
  ],
];

/** What is wrong with a text that is to be base64; nothing if it encodes bytes, and as they are encoded. */
export const base64Fault = (text: string): string | undefined =>
  faults.find(([, holds]) => holds(text))?.[0];
