import { createHash } from "node:crypto";
import { isSecretHeader } from "./header-rules.ts";
import { normalJson } from "./json-value.ts";
import { defaultMethod, type Message } from "./message.ts";
import type { Submission } from "./submission.ts";

type Content = Pick<Message, "body" | "bodyType">;

const none = new Uint8Array();

/**
 * Returns the bytes by which a body is compared: a JSON body by its value, any other body, and one
 * that is not valid JSON, by its bytes.
 */
export const comparedBody = ({ body = none, bodyType }: Content): Uint8Array => {
  if (bodyType !== "json") return body;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    return Buffer.from(normalJson(text));
  } catch {
    return body;
  }
};

/** Returns a keyed hash, `<key id>.<43 characters>`, under the newest key or the named one. */
export type Mac = (text: string, keyId?: string) => string;

/** Returns the SHA-256 of a submit in base64url. `body` is the body as it is compared. */
const digestOf = (asked: Submission, body: Uint8Array): string => {
  const headers = Object.entries(asked.headers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = JSON.stringify([
    asked.senderId,
    asked.messageId,
    asked.targetUrl,
    asked.method ?? defaultMethod,
    headers,
    asked.bodyType ?? null,
    asked.deliverAt ?? null,
    asked.giveUpAt ?? null,
    asked.maxAttempts ?? null,
    asked.scheduleMs ?? null,
    asked.timeoutMs ?? null,
    asked.retentionDays ?? null,
    // Only where it is asked for: fingerprints from before there was this member stay as they are.
    ...(asked.redact === undefined ? [] : [asked.redact]),
  ]);
  // The length separates the two parts.
  const hash = createHash("sha256").update(`${Buffer.byteLength(canonical)}.${canonical}`);
  return hash.update(body).digest("base64url");
};

const keyed = (digest: string, mac: Mac, keyId?: string): string => `v2.${mac(digest, keyId)}`;

/**
 * Returns the fingerprint of a submit: equal for a repeat, different for a reused id.
 *
 * `timestamp` is left out: a client may stamp each try anew. Defaults are left out too, else a
 * repeat after a change of configuration would be a conflict.
 *
 * With secret headers it is a keyed hash of that digest: everything else in the digest is stored in
 * the clear, so a reader of the table could otherwise guess secrets until one fits. Without secret
 * headers it is the digest itself.
 */
export const fingerprintOf = (asked: Submission, mac: Mac, body = comparedBody(asked)): string => {
  const digest = digestOf(asked, body);
  return Object.keys(asked.headers ?? {}).some(isSecretHeader) ? keyed(digest, mac) : digest;
};

/** `v2.<key id>.` if it is keyed, 43 characters, and the spelling of the body where it matters. */
const storedForm = /^((?:v2\.([\w-]{8})\.)?[\w-]{43})(?:\.([\w-]{22}))?$/;

/** Returns the id of the key of a stored fingerprint, or `undefined` for a plain digest. */
export const fingerprintKeyId = (stored: string): string | undefined =>
  storedForm.exec(stored)?.[2];

/**
 * Tells whether `asked` repeats the submit with this stored fingerprint. The comparison uses the
 * key that the stored one names, so it works after a rotation too, and a plain digest where version
 * 1 stored one. Throws if `mac` does not have that key.
 */
export const isRepeat = (
  stored: string,
  asked: Submission,
  mac: Mac,
  body = comparedBody(asked),
): boolean => {
  const keyId = fingerprintKeyId(stored);
  const digest = digestOf(asked, body);
  const wanted = keyId === undefined ? digest : keyed(digest, mac, keyId);
  return storedForm.exec(stored)?.[1] === wanted;
};

/** 128 bits identify one spelling of one value of one sender. */
const spellingBytes = 16;

/** Identifies the bytes of a JSON body that is not in canonical spelling. */
const spellingOf = ({ body = none }: Content, compared: Uint8Array): string | undefined =>
  Buffer.from(compared).equals(body)
    ? undefined
    : createHash("sha256").update(body).digest().subarray(0, spellingBytes).toString("base64url");

/**
 * Returns the fingerprint under which a body is stored apart. It identifies the exact bytes of a
 * JSON body that is not in canonical spelling: a repeat may spell the same value differently, and
 * must not replace the bytes of the stored message.
 */
export const fingerprintApart = (
  fingerprint: string,
  content: Content,
  compared = comparedBody(content),
): string => {
  const spelling = spellingOf(content, compared);
  return spelling === undefined ? fingerprint : `${fingerprint}.${spelling}`;
};

/** Tells whether a body stored apart has the bytes that its fingerprint identifies. */
export const isSpelledAs = (
  stored: string,
  content: Content,
  compared = comparedBody(content),
): boolean => storedForm.exec(stored)?.[3] === spellingOf(content, compared);
