import { bytesOf, fromBase64 } from "./base64.ts";
import { systemOutside } from "./outside.ts";

/** The headers of a request: those of `fetch`, of Node, or any record. */
export type ReceivedHeaders =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Why a request is not taken for one of Postrider's. */
export type RefusedBecause =
  /** A header is missing. Somebody else sent the request, or a proxy dropped the header. */
  | "no-webhook-id"
  | "no-webhook-timestamp"
  | "no-webhook-signature"
  /** It is not a number of epoch seconds. */
  | "malformed-timestamp"
  /** It was sent too long ago, or a clock is wrong. */
  | "too-old"
  /** It was sent in the future: a clock is wrong. */
  | "too-new"
  /** No signature has the version that this function knows, `v1`. */
  | "unknown-version"
  /** Another secret signed it, or the body is not byte for byte the one that came. */
  | "wrong-signature";

export type Verified =
  | {
      readonly kind: "genuine";
      /** The same on every attempt and replay: drop repeats by it. */
      readonly id: string;
      /** When this attempt was made. */
      readonly timestamp: Date;
    }
  | { readonly kind: "refused"; readonly because: RefusedBecause };

export type VerifyOptions = {
  /** How far the time of the request and yours may differ, in seconds. Default: 300. */
  readonly toleranceSeconds?: number | undefined;
  /** The time, in epoch milliseconds. Default: that of the machine. */
  readonly now?: number | undefined;
};

/**
 * Signatures beyond the number of secrets that a sender may have are ignored: each costs a
 * computation.
 */
const signaturesMax = 10;

const headerIn = (headers: ReceivedHeaders, name: string): string => {
  if (typeof headers["get"] === "function") return headers.get(name) ?? "";
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  const [, value = ""] = given.find(([each]) => each.toLowerCase() === name) ?? [];
  return typeof value === "string" ? value : value.join(" ");
};

/**
 * Returns the bytes of a signing secret. Throws a TypeError if it is invalid, such as an empty one
 * of a variable that is not set: everybody would know that key.
 */
const keyBytesOf = (secret: string): Uint8Array<ArrayBuffer> => {
  const bytes = secret.startsWith("whsec_") ? fromBase64(secret.slice(6)) : undefined;
  if (!bytes || bytes.length < 24 || bytes.length > 64)
    throw new TypeError("The signing secret is not a whsec_ secret of 24 to 64 bytes.");
  return bytes;
};

const signedBytes = (head: string, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const bytes = bytesOf(head);
  const signed = new Uint8Array(bytes.length + body.length);
  signed.set(bytes);
  signed.set(body, bytes.length);
  return signed;
};

/** Tells whether one of the secrets made one of the signatures. Compares in constant time. */
const isSigned = async (
  secrets: readonly string[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> => {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const keys = await Promise.all(
    secrets.map((secret) =>
      crypto.subtle.importKey("raw", keyBytesOf(secret), hmac, false, ["verify"]),
    ),
  );
  const pairs = keys.flatMap((key) => signatures.map((signature) => ({ key, signature })));
  const found = await Promise.all(
    pairs.map(({ key, signature }) => crypto.subtle.verify("HMAC", key, signature, signed)),
  );
  return found.includes(true);
};

/**
 * Tells whether Postrider sent exactly this body, just now (Standard Webhooks 1.0), and if not, why
 * not. `rawBody` is the body as it came: JSON that was parsed and written again is other bytes.
 * Give several secrets where one replaces another. Throws a TypeError if a secret is invalid.
 */
export const verify = async (
  rawBody: Uint8Array | string,
  headers: ReceivedHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300, now = systemOutside.now() }: VerifyOptions = {},
): Promise<Verified> => {
  const refused = (because: RefusedBecause): Verified => ({ kind: "refused", because });
  const id = headerIn(headers, "webhook-id");
  const timestamp = headerIn(headers, "webhook-timestamp");
  const signature = headerIn(headers, "webhook-signature");
  if (id === "") return refused("no-webhook-id");
  if (timestamp === "") return refused("no-webhook-timestamp");
  if (signature === "") return refused("no-webhook-signature");
  if (!/^\d{1,12}$/.test(timestamp)) return refused("malformed-timestamp");

  const ageSeconds = Math.floor(now / 1000) - Number(timestamp);
  if (ageSeconds > toleranceSeconds) return refused("too-old");
  if (ageSeconds < -toleranceSeconds) return refused("too-new");

  const given = signature.split(" ").slice(0, signaturesMax);
  const known = given.filter((each) => each.startsWith("v1,"));
  if (known.length === 0) return refused("unknown-version");
  const signatures = known.flatMap((each) => fromBase64(each.slice(3)) ?? []);
  const body = typeof rawBody === "string" ? bytesOf(rawBody) : rawBody;
  const secrets = typeof secret === "string" ? [secret] : secret;
  return (await isSigned(secrets, signatures, signedBytes(`${id}.${timestamp}.`, body)))
    ? { kind: "genuine", id, timestamp: new Date(Number(timestamp) * 1000) }
    : refused("wrong-signature");
};
