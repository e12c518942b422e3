import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The bounds of a signing secret in bytes (Standard Webhooks 1.0.0, "Signature scheme"). */
const secretBytesMin = 24;
const secretBytesMax = 64;

const secretPrefix = "whsec_";

/**
 * Returns the `webhook-id` of a message: the same on every attempt and replay, so that a receiver
 * can drop repeats by it. It is a hash, because an id may contain dots, which separate the signed
 * content. A sender id never contains `#`, so no two pairs hash the same text.
 */
export const webhookId = (senderId: string, messageId: string): string =>
  `msg_${createHash("sha256").update(`${senderId}#${messageId}`).digest("base64url")}`;

/**
 * Returns the key bytes of a `whsec_` secret, canonical base64 of 24 to 64 bytes, or `undefined`
 * for anything else: a lenient decoder would sign with a key that no receiver has.
 */
export const parseSecret = (whsec: string): Uint8Array | undefined => {
  if (!whsec.startsWith(secretPrefix)) return undefined;
  const text = whsec.slice(secretPrefix.length);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return undefined;
  return bytes.length >= secretBytesMin && bytes.length <= secretBytesMax ? bytes : undefined;
};

/** Returns the `whsec_` text of key bytes. `parseSecret` reads it. */
export const formatSecret = (bytes: Uint8Array): string =>
  `${secretPrefix}${Buffer.from(bytes).toString("base64")}`;

/** What is signed and with which secrets. `timestampSeconds` is the time of this attempt. */
export type SignatureInput = {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
  readonly secrets: readonly string[];
};

/**
 * Returns the value of `webhook-signature` (Standard Webhooks 1.0.0, symmetric): one `v1,`
 * signature for each secret, in the given order, separated by spaces. During a rotation a receiver
 * verifies with either secret. The signature covers the bytes of the body as sent.
 *
 * Throws on a secret that `parseSecret` refuses: such a secret is never stored.
 */
export const signatureHeader = (input: SignatureInput): string =>
  input.secrets.map((secret) => `v1,${signatureOf(input, secret)}`).join(" ");

const signatureOf = ({ id, timestampSeconds, body }: SignatureInput, secret: string): string => {
  // Without the secret: errors are logged.
  if (!parseSecret(secret))
    throw new Error("A signing secret is not a whsec_ secret of 24 to 64 bytes");
  // The key as text: Node 24 takes four times as long by its bytes.
  return createHmac("sha256", secret.slice(secretPrefix.length), { encoding: "base64" })
    .update(`${id}.${timestampSeconds}.`)
    .update(body)
    .digest("base64");
};

/**
 * Tells whether one of the signatures in a `webhook-signature` is that of this content with one of
 * these secrets. It takes as long for a wrong signature as for a right one.
 */
export const isSignedBy = (header: string, input: SignatureInput): boolean => {
  const right = input.secrets.map((secret) => Buffer.from(`v1,${signatureOf(input, secret)}`));
  const given = header.split(" ").map((text) => Buffer.from(text));
  return right.some((one) =>
    given.some((other) => one.length === other.length && timingSafeEqual(one, other)),
  );
};
