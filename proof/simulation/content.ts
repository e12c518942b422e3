import { createHash, createHmac } from "node:crypto";
import type { OutgoingRequest } from "../../domain/request.ts";

/** What a sender hands over, as far as a target has to get it. */
export type Content = {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** A short name for a content: the same for the same bytes. */
export const digestOf = ({ url, method, headers, body }: Content): string => {
  const sorted = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value])
    .sort(([one = ""], [other = ""]) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([url, method, sorted]))
    .update(body)
    .digest("base64url")
    .slice(0, 12);
};

/** The headers that Postrider adds; all others are the sender's. */
const added = /^(webhook-|postrider-|(user-agent|idempotency-key)$)/;

/** Standard Webhooks, section "Signature scheme", written down once more and not taken from the product. */
const isSigned = ({ headers, body }: OutgoingRequest, whsec: string): boolean => {
  const key = Buffer.from(whsec.replace(/^whsec_/, ""), "base64");
  const signed = createHmac("sha256", key)
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
    .update(body ?? new Uint8Array())
    .digest("base64");
  return (headers["webhook-signature"] ?? "").split(" ").includes(`v1,${signed}`);
};

/** The content of a request as a target reads it; another one if the signature is not right. */
export const contentOf = (request: OutgoingRequest, whsec: string): string => {
  if (!isSigned(request, whsec)) return "not signed";
  const own = Object.entries(request.headers).filter(([name]) => !added.test(name));
  return digestOf({
    url: request.url,
    method: request.method,
    headers: Object.fromEntries(own),
    body: request.body ?? new Uint8Array(),
  });
};
