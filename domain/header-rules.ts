import { limits } from "./limits.ts";
import { reservedHeaders } from "./reserved-headers.ts";

export type HeaderFault = { readonly name: string; readonly message: string };

/** RFC 9110, 5.6.2: no colon, so no HTTP/2 pseudo header either (RFC 9113, 8.3). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** RFC 9110, 5.5, less the C1 controls: printable Latin-1, spaces and tabs; may be empty. */
const fieldValue = /^[\t\x20-\x7e\xa0-\xff]*$/;

/** CGI and its successors (RFC 3875, 4.1.18) do not distinguish `_` and `-`, so the rules do not. */
const asReceived = (name: string): string => name.toLowerCase().replaceAll("_", "-");

const isNamedBy = (name: string, pattern: string): boolean =>
  pattern.endsWith("*")
    ? asReceived(name).startsWith(pattern.slice(0, -1))
    : asReceived(name) === asReceived(pattern);

const nameFault = (name: string): string | undefined => {
  if (name.length > limits.headerNameCharsMax)
    return `is longer than ${limits.headerNameCharsMax} characters`;
  if (!token.test(name)) return "is not a valid header name";
  return reservedHeaders.find((reserved) => isNamedBy(name, reserved.name))?.why;
};

const valueFault = (value: unknown): string | undefined => {
  if (typeof value !== "string") return "must have a string as its value";
  return fieldValue.test(value) ? undefined : "has a value that is not printable Latin-1 text";
};

/** Names are case-insensitive (RFC 9110, 5.1), so the second could override the first. */
const repeatFault = (name: string, earlier: readonly string[]): string | undefined => {
  const same = earlier.find((other) => other.toLowerCase() === name.toLowerCase());
  return same === undefined ? undefined : `is the same header as ${same}`;
};

type Entry = readonly [name: string, value: unknown];

const bytesOf = (entries: readonly Entry[]): number =>
  entries.reduce(
    (sum, [name, value]) => sum + name.length + (typeof value === "string" ? value.length : 0),
    0,
  );

const faultOf = (entry: Entry | undefined, message: string): readonly HeaderFault[] =>
  entry ? [{ name: entry[0], message }] : [];

/**
 * Returns every fault of a message's headers with the name of its header. Without faults they can be
 * sent as they are: the HTTP client never throws on them, so a message that cannot be sent is refused
 * at submit and not after its last attempt.
 *
 * Too many headers, or too many bytes, are the fault of the header that passes the limit. Headers past
 * the maximum are not judged, which bounds the work and the answer.
 */
export const headerFaults = (headers: Record<string, unknown>): readonly HeaderFault[] => {
  const { headersCountMax: countMax, headersBytesMax: bytesMax } = limits;
  const all: readonly Entry[] = Object.entries(headers);
  const judged = all.slice(0, countMax);
  const names = judged.map(([name]) => name);

  const faults = judged.flatMap(([name, value], index) =>
    [nameFault(name), repeatFault(name, names.slice(0, index)), valueFault(value)]
      .filter((message) => message !== undefined)
      .map((message) => ({ name, message })),
  );
  const overflow = judged.find((_, index) => bytesOf(judged.slice(0, index + 1)) > bytesMax);
  return [
    ...faults,
    ...faultOf(all[countMax], `is one more than the ${countMax} headers that a message may have`),
    ...faultOf(overflow, `takes the headers past ${bytesMax} bytes in total`),
  ];
};

/** Words that mark a secret anywhere in a name (but not `x-author`), and as one part of a name. */
const secretWord = /auth(?!ors?\b)|cookie|token|secret|signature|passw|credential|session|apikey/;
const secretPart = /(^|-)(key|sig|pwd|jwt)(-|$)/;

/**
 * Tells whether the value of a header is encrypted at rest and masked when shown: headers that let a
 * reader act as somebody (RFC 9110, 11.6; RFC 6265), and names that sound like them. A value masked
 * without need does little harm.
 *
 * The same rule decides which stored values are decrypted: a change of it must consider messages that
 * are still to be delivered.
 */
export const isSecretHeader = (name: string): boolean =>
  asReceived(name) !== "idempotency-key" &&
  (secretWord.test(asReceived(name)) || secretPart.test(asReceived(name)));

/** Returns headers for display: names as given, `***` for the value of each secret one. */
export const maskHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? "***" : value]),
  );
