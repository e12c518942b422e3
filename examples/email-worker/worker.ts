import type { Worker } from "postrider/worker";

/** What a message of this worker has for a body: `POST /v1/messages` with `body: { to, subject, text }`. */
export type Mail = { readonly to: string; readonly subject: string; readonly text: string };

/** What became of a mail, in the words of the service that sends it. */
export type Sent =
  | { readonly kind: "sent" }
  /** Too many at once, or the service is down. */
  | { readonly kind: "busy"; readonly retryAfterMs?: number }
  /** Nobody has this address. */
  | { readonly kind: "no-such-address" };

/** A service that sends mail: SES, SMTP, a provider. It sends one mail for a key, however often. */
export type Transport = (
  mail: Mail,
  options: { readonly idempotencyKey: string; readonly timeoutMs: number },
) => Promise<Sent>;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Returns the mail in a body, or `undefined`: whoever submitted it could write anything. */
const mailOf = (json: () => unknown): Mail | undefined => {
  try {
    const { to, subject, text } = Object(json());
    return isText(to) && isText(subject) && isText(text) ? { to, subject, text } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Sends each message as an e-mail. A mail that cannot be one, and an address that nobody has, FAILED:
 * they are listed and can be replayed when they are mended. A busy service is asked again by the
 * schedule, or later if it says so.
 */
export const emailWorker = (own: Worker, send: Transport) =>
  own.handler(async (claimed) => {
    const mail = mailOf(claimed.json);
    if (!mail) return claimed.fail("unsendable");
    const timeoutMs = claimed.remainingMs();
    const sent = await send(mail, { idempotencyKey: claimed.id, timeoutMs });
    switch (sent.kind) {
      case "sent":
        return claimed.complete();
      case "no-such-address":
        return claimed.fail("gone");
      case "busy":
        return claimed.retry({ class: "status", status: 503, afterMs: sent.retryAfterMs });
    }
  });
