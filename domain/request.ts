import { type BodyType, defaultMethod, type Message, type MessageKey } from "./message.ts";
import { signatureHeader, webhookId } from "./signature.ts";
import { canonicalTarget } from "./target-url.ts";
import { type TraceContext, traceHeaders } from "./trace-context.ts";

/** A request to a target. */
export type OutgoingRequest = {
  readonly url: string;
  readonly method: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
};

/** The methods that a message may have. */
export const methods = ["DELETE", "GET", "PATCH", "POST", "PUT"] as const;

/** The part of a message that its requests are made of. */
export type Requested = MessageKey &
  Pick<Message, "targetUrl" | "method" | "headers" | "body" | "bodyType" | "attempts" | "replays">;

export const userAgent = "Postrider/1";

const contentTypes: Readonly<Record<BodyType, string>> = {
  json: "application/json",
  text: "text/plain; charset=utf-8",
  bytes: "application/octet-stream",
};

/**
 * Returns the sender's headers, with defaults for those that they do not name: the body's type, and
 * the id as `idempotency-key`, for APIs that demand one (IETF draft "The Idempotency-Key HTTP
 * Header Field"). It is the same on every attempt, and so a repeat has no second effect there. The
 * two headers of a trace belong together: a sender that names one of them has set both.
 */
const sendersOwn = (
  { headers = {}, bodyType }: Requested,
  id: string,
  trace: TraceContext | undefined,
): Readonly<Record<string, string>> => {
  const named = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const isTraced = named.has("traceparent") || named.has("tracestate");
  return {
    ...(trace && !isTraced && traceHeaders(trace)),
    ...(bodyType !== undefined &&
      !named.has("content-type") && { "content-type": contentTypes[bodyType] }),
    ...(!named.has("idempotency-key") && { "idempotency-key": id }),
    ...headers,
  };
};

/**
 * Returns the request of a claimed message's attempt. `payload` has its headers and body, wherever
 * they are stored. `now` is the time of the attempt; each secret signs it together with the exact
 * bytes of the body. Throws without a secret: nothing is sent unsigned. `trace` is what the target
 * continues.
 */
export const requestOf = (
  message: Requested,
  payload: Pick<Message, "headers" | "body">,
  secrets: readonly string[],
  now: number,
  trace?: TraceContext,
): OutgoingRequest => {
  if (secrets.length === 0) throw new Error("There is no secret to sign the request with");
  const id = webhookId(message.senderId, message.messageId);
  const timestampSeconds = Math.floor(now / 1000);
  const body = payload.body ?? new Uint8Array();
  return {
    url: canonicalTarget(message.targetUrl),
    method: (message.method ?? defaultMethod) as OutgoingRequest["method"],
    headers: {
      ...sendersOwn({ ...message, headers: payload.headers }, id, trace),
      "user-agent": userAgent,
      "webhook-id": id,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": signatureHeader({ id, timestampSeconds, body, secrets }),
      "postrider-message-id": message.messageId,
      "postrider-sender-id": message.senderId,
      "postrider-attempt": String(message.attempts),
      ...(message.replays > 0 && { "postrider-replay": String(message.replays) }),
    },
    body: payload.body ?? null,
  };
};
