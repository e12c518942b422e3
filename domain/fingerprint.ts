import { createHash } from "node:crypto";
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

/**
 * SHA-256 of what was asked, in base64url: one for a repeat, another for a reused id.
 *
 * The `timestamp` is left out, for a client may stamp each try anew. What was not asked for counts
 * as not asked for, whatever the defaults are at the time: else a repeat would be a conflict after
 * a change of configuration. `body` is that of `asked` as it is compared.
 */
export const fingerprintOf = (asked: Submission, body = comparedBody(asked)): string => {
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

/** A stored fingerprint: that of what was asked, and where it matters the spelling of the body. */
const storedForm = /^([\w-]{43})(?:\.[\w-]{22})?$/;

/** Whether a message with this stored fingerprint is what `asked` asks for once more. */
export const isRepeat = (stored: string, asked: Submission): boolean =>
  storedForm.exec(stored)?.[1] === fingerprintOf(asked);

/** 128 bits name a spelling among those that one sender has for one value. */
const spellingBytes = 16;

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
  const { body = none } = content;
  if (Buffer.from(compared).equals(body)) return fingerprint;
  const spelling = createHash("sha256").update(body).digest().subarray(0, spellingBytes);
  return `${fingerprint}.${spelling.toString("base64url")}`;
};
