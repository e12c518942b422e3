import { limits } from "./limits.ts";

export type HeaderFault = { readonly name: string; readonly message: string };

/** RFC 9110, 5.6.2: no colon, so no HTTP/2 pseudo header either (RFC 9113, 8.3). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** RFC 9110, 5.5, less the C1 controls: printable Latin-1, spaces and tabs; may be empty. */
const fieldValue = /^[\t\x20-\x7e\xa0-\xff]*$/;

/** What every delivery carries, by Postrider's hand; a name ending in `*` is a prefix. */
export const setByPostrider = ["webhook-*", "postrider-*", "user-agent"] as const;

/** Why a header is not the sender's to set, and which ones. A name ending in `*` is a prefix. */
const reserved: readonly { readonly why: string; readonly names: readonly string[] }[] = [
  {
    // RFC 9110, 7.6.1; RFC 9112, 6. The HTTP client throws on some of these and obeys others.
    why: "belongs to the connection, which Postrider manages",
    names: [
      ...["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"],
      ...["http2-settings", "proxy-*", "host", "content-length", "expect"],
    ],
  },
  {
    why: "is set by Postrider",
    names: setByPostrider,
  },
  {
    why: "would invite a compressed answer, which Postrider does not unpack",
    names: ["accept-encoding"],
  },
  {
    // RFC 7239 and its forerunners: receivers trust these to say who called, or for what.
    why: "would tell the receiver that the request came from or is meant for someone else",
    names: [
      ...["forwarded", "x-forwarded*", "via", "cdn-loop", "x-real-ip", "x-client-ip", "client-ip"],
      ...["x-cluster-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip"],
      ...["x-host", "x-original-*", "x-rewrite-url", "x-envoy-*"],
    ],
  },
  {
    why: "would change the method, which the message has a member for",
    names: ["x-http-method", "x-http-method-override", "x-method-override"],
  },
  {
    // Metadata services answer only those who send their header: a second lock on that door.
    why: "is for a cloud's own services",
    names: [
      ...["metadata", "metadata-flavor", "x-google-metadata-request", "x-aliyun-ecs-metadata-*"],
      ...["x-aws-ec2-metadata-*", "x-amz-security-token", "x-amz-s3session-token"],
      "lambda-runtime-*",
    ],
  },
  { why: "is not a usable name", names: ["__proto__"] },
];

/** CGI and its heirs (RFC 3875, 4.1.18) cannot tell `_` from `-`, so neither do the rules. */
const asReceived = (name: string): string => name.toLowerCase().replaceAll("_", "-");

const isNamedBy = (name: string, pattern: string): boolean =>
  pattern.endsWith("*")
    ? asReceived(name).startsWith(pattern.slice(0, -1))
    : asReceived(name) === asReceived(pattern);

const nameFault = (name: string): string | undefined => {
  if (name.length > limits.headerNameCharsMax)
    return `is longer than ${limits.headerNameCharsMax} characters`;
  if (!token.test(name)) return "is not a valid header name";
  return reserved.find(({ names }) => names.some((pattern) => isNamedBy(name, pattern)))?.why;
};

const valueFault = (value: unknown): string | undefined => {
  if (typeof value !== "string") return "must have a string as its value";
  return fieldValue.test(value) ? undefined : "has a value that is not printable Latin-1 text";
};

/** Names are case-insensitive (RFC 9110, 5.1), so the second could undo the first. */
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
 * Everything that is wrong with the headers of a message, each fault with the name of its header;
 * empty if they can be sent as they are. What passes here the HTTP client never throws on, so that
 * a message which cannot be sent is refused at submit and not after its last attempt.
 *
 * Too many or too much is the fault of the header that passes the limit. Headers past the maximum
 * are not judged any further, which bounds the work and the answer.
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

/** Words that give a secret away anywhere in a name (`x-author` is none), and as a part of one. */
const secretWord = /auth(?!ors?\b)|cookie|token|secret|signature|passw|credential|session|apikey/;
const secretPart = /(^|-)(key|sig|pwd|jwt)(-|$)/;

/**
 * Whether the values of this header are to be encrypted at rest and masked when shown: those that
 * let a reader act as somebody (RFC 9110, 11.6; RFC 6265), and names that sound like them. When in
 * doubt it is a secret: a value masked for nothing does little harm.
 *
 * What is stored is opened by the same rule that sealed it: a change of the rule must mind messages
 * that are still to be delivered.
 */
export const isSecretHeader = (name: string): boolean =>
  asReceived(name) !== "idempotency-key" &&
  (secretWord.test(asReceived(name)) || secretPart.test(asReceived(name)));

/** The headers as they may be shown: names as given, `***` for the value of each secret one. */
export const maskHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isSecretHeader(name) ? "***" : value]),
  );
