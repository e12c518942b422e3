import { createHash, createHmac } from "node:crypto";

/** How long a signing secret is (Standard Webhooks 1.0.0, "Signature scheme"). */
const secretBytesMin = 24;
const secretBytesMax = 64;

const secretPrefix = "whsec_";

/**
 * The `webhook-id` of a message: the same on every attempt and every replay, so that a receiver
 * can drop repeats by it. A hash, for an id may hold dots and the signed content is parted by them.
 * A sender id never contains `#`, which makes the hashed text tell every pair from every other.
 */
export const webhookId = (senderId: string, messageId: string): string =>
  `msg_${createHash("sha256").update(`${senderId}#${messageId}`).digest("base64url")}`;

/**
 * The key bytes of a `whsec_` secret: canonical base64 of 24 to 64 bytes. Anything else is
 * `undefined`; a lenient decoder would sign with a key that no receiver has.
 */
export const parseSecret = (whsec: string): Uint8Array | undefined => {
  if (!whsec.startsWith(secretPrefix)) return undefined;
  const text = whsec.slice(secretPrefix.length);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) return undefined;
  return bytes.length >= secretBytesMin && bytes.length <= secretBytesMax ? bytes : undefined;
};

/** The text that a receiver is given for these key bytes; `parseSecret` takes it back. */
export const formatSecret = (bytes: Uint8Array): string =>
  `${secretPrefix}${Buffer.from(bytes).toString("base64")}`;

/** What is signed, and with what: `timestampSeconds` is the whole second of *this* attempt. */
export type SignatureInput = {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
  readonly secrets: readonly string[];
};

/**
 * The value of `webhook-signature` (Standard Webhooks 1.0.0, symmetric): one `v1,` signature for
 * each secret, in the order given, parted by spaces. With the newest first and the one before it
 * second, a receiver verifies with either while a rotation lasts. The body is signed as the bytes
 * that are sent, whether or not they are text.
 *
 * Throws on a secret that `parseSecret` refuses: only such as it accepted are ever stored.
 */
export const signatureHeader = (input: SignatureInput): string =>
  input.secrets.map((secret) => `v1,${signatureOf(input, secret)}`).join(" ");

const signatureOf = ({ id, timestampSeconds, body }: SignatureInput, secret: string): string => {
  const key = parseSecret(secret);
  // The message must not carry the secret: errors are logged.
  if (!key) throw new Error("A signing secret is not a whsec_ secret of 24 to 64 bytes");
  return createHmac("sha256", key)
    .update(`${id}.${timestampSeconds}.`)
    .update(body)
    .digest("base64");
};
