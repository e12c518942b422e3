/** Each fault with its check. The first one that holds is reported. */
const faults: readonly (readonly [message: string, holds: (text: string) => boolean])[] = [
  ["must be base64 with + and /, not base64url with - and _", (text) => /[-_]/.test(text)],
  ["must be base64 without white space", (text) => /\s/.test(text)],
  ["must be base64 (RFC 4648, 4)", (text) => !/^[A-Za-z0-9+/]*={0,2}$/.test(text)],
  [
    "must be base64 with its padding: its length must be a multiple of 4",
    (text) => text.length % 4 !== 0,
  ],
  [
    // Several texts would decode to the same bytes (RFC 4648, 3.5).
    "must be canonical base64: the unused bits before the padding must be zero",
    (text) => Buffer.from(text, "base64").toString("base64") !== text,
  ],
];

/** Returns why a text is not canonical base64 (RFC 4648, 4), or `undefined` if it is. */
export const base64Fault = (text: string): string | undefined =>
  faults.find(([, holds]) => holds(text))?.[0];
