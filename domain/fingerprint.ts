import { createHash } from "node:crypto";
import { isSecretHeader } from "./header-rules.ts";
import { normalJson } from "./json-value.ts";
import { defaultMethod, type Message } from "./message.ts";
import type { Submission } from "./submission.ts";

type Content = Pick<Message, "body" | "bodyType">;

const none = new Uint8Array();

/**
 * The bytes by which a body is compared: of a JSON value the value counts, of all else each byte.
 * What is called JSON and is none is compared by its bytes.
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

/** A keyed hash, `<key id>.<43 characters>`: under the newest key, or the one that is named. */
export type Mac = (text: string, keyId?: string) => string;

/** SHA-256 of what was asked, in base64url. `body` is that of `asked` as it is compared. */
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
  ]);
  // The length keeps the two parts apart.
  const hash = createHash("sha256").update(`${Buffer.byteLength(canonical)}.${canonical}`);
  return hash.update(body).digest("base64url");
};

const keyed = (digest: string, mac: Mac, keyId?: string): string => `v2.${mac(digest, keyId)}`;

/**
 * The fingerprint of what was asked: one for a repeat, another for a reused id.
 *
 * The `timestamp` is left out, for a client may stamp each try anew. What was not asked for counts
 * as not asked for, whatever the defaults are at the time: else a repeat would be a conflict after
 * a change of configuration.
 *
 * Where there are secret headers it is a keyed hash of that digest. All else that the digest is of is
 * stored beside it in the clear, so that whoever has a copy of the table could try secrets until one
 * fits. Without secret headers there is nothing to find out, and it is the digest itself.
 */
export const fingerprintOf = (asked: Submission, mac: Mac, body = comparedBody(asked)): string => {
  const digest = digestOf(asked, body);
  return Object.keys(asked.headers ?? {}).some(isSecretHeader) ? keyed(digest, mac) : digest;
};

/** `v2.<key id>.` where it is keyed, 43 characters, and where it matters the spelling of the body. */
const storedForm = /^((?:v2\.([\w-]{8})\.)?[\w-]{43})(?:\.([\w-]{22}))?$/;

/** The id of the key that a stored fingerprint was made with; none if it is a plain digest. */
export const fingerprintKeyId = (stored: string): string | undefined =>
  storedForm.exec(stored)?.[2];

/**
 * Whether a message with this stored fingerprint is what `asked` asks for once more. It is compared
 * under the key that the stored one names, so a repeat is known after a rotation too, and as a plain
 * digest where it is one: the first version keyed none. Throws if `mac` has not got that key.
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

/** 128 bits name a spelling among those that one sender has for one value. */
const spellingBytes = 16;

/** What names the bytes of a JSON body that is not spelled as the value it is compared by. */
const spellingOf = ({ body = none }: Content, compared: Uint8Array): string | undefined =>
  Buffer.from(compared).equals(body)
    ? undefined
    : createHash("sha256").update(body).digest().subarray(0, spellingBytes).toString("base64url");

/**
 * The fingerprint of a message whose body is stored apart, under it. A JSON body that is not spelled
 * as the value it is compared by is named there to the byte: a repeat may spell the same value in
 * another way, and must not replace the bytes of a message that is on its way.
 */
export const fingerprintApart = (
  fingerprint: string,
  content: Content,
  compared = comparedBody(content),
): string => {
  const spelling = spellingOf(content, compared);
  return spelling === undefined ? fingerprint : `${fingerprint}.${spelling}`;
};

/** Whether a body that is stored apart under this fingerprint has the bytes that it names. */
export const isSpelledAs = (
  stored: string,
  content: Content,
  compared = comparedBody(content),
): boolean => storedForm.exec(stored)?.[3] === spellingOf(content, compared);
