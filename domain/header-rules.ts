import { limits } from "./limits.ts";

export type HeaderFault = { readonly name: string; readonly message: string };

/** RFC 9110, 5.6.2: no colon, so no HTTP/2 pseudo header either (RFC 9113, 8.3). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** RFC 9110, 5.5, less the C1 controls: printable Latin-1, spaces and tabs; may be empty. */
const fieldValue = /^[\t\x20-\x7e\xa0-\xff]*$/;

/** The headers that Postrider sets on every delivery. A name ending in `*` is a prefix. */
export const setByPostrider = ["webhook-*", "postrider-*", "user-agent"] as const;

type Reserved = { readonly why: string; readonly names: readonly string[] };

/** The headers that a sender may not set, by reason. A name ending in `*` is a prefix. */
export const reservedHeaders: readonly Reserved[] = [
  {
    why: "belongs to the connection, which Postrider manages",
    names: [
      // RFC 9110, 7.6.1: fields of one hop. undici throws on some, and obeys or sends the others.
      ...["connection", "keep-alive", "te", "transfer-encoding", "upgrade", "proxy-*"],
      "trailer", // RFC 9110, 6.6.2: announces trailers, and a delivery has none
      "http2-settings", // RFC 7540, 3.2.1: part of an upgrade
      "host", // RFC 9110, 7.2: says where the request goes, which `targetUrl` says
      "content-length", // RFC 9110, 8.6: another length than the body's breaks the framing
      "expect", // RFC 9110, 10.1.1: undici throws on it
      "proxy", // no field: CGI programs take it for the address of a proxy (CVE-2016-5385)
    ],
  },
  { why: "is set by Postrider", names: setByPostrider },
  {
    why: "would ask for a compressed response, which Postrider does not decompress",
    names: ["accept-encoding"],
  },
  {
    // A receiver may believe these from the network that Postrider runs in.
    why: "would tell the receiver that the request came from or is meant for someone else",
    names: [
      ...["forwarded", "x-forwarded*"], // RFC 7239, and its predecessors
      "via", // RFC 9110, 7.6.3: only proxies add it
      "cdn-loop", // RFC 8586: a CDN that finds itself in it refuses the request
      ...["x-real-ip", "x-client-ip", "client-ip", "x-cluster-client-ip"], // nginx, Apache, Akamai
      ...["true-client-ip", "cf-connecting-ip", "fastly-client-ip"], // Akamai, Cloudflare, Fastly
      ...["x-host", "x-original-*", "x-rewrite-url"], // another host or path: frameworks, IIS
      "x-envoy-*", // Envoy believes these from internal callers
    ],
  },
  {
    why: "would change the method; use the member method",
    names: ["x-http-method", "x-http-method-override", "x-method-override"],
  },
  {
    // Metadata services answer only requests with their header: a second guard besides addresses.
    why: "opens a cloud's own services",
    names: [
      ...["metadata", "metadata-flavor", "x-google-metadata-request"], // Azure, Google Cloud
      ...["x-aws-ec2-metadata-*", "x-aliyun-ecs-metadata-*"],
      "lambda-runtime-*", // the Lambda runtime API, inside every function
    ],
  },
  {
    // Signature Version 4 is bound to its time too: no retry could be accepted.
    why: "carries temporary AWS credentials, which must not be stored",
    names: ["x-amz-security-token", "x-amz-s3session-token"],
  },
  { why: "is not a usable name", names: ["__proto__"] },
];

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
  return reservedHeaders.find(({ names }) => names.some((pattern) => isNamedBy(name, pattern)))
    ?.why;
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
