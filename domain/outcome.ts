import type { FailReason } from "./message.ts";

/** Why an exchange brought no HTTP status. */
export const noAnswerClasses = [
  "dns",
  "connect",
  "tls",
  "timeout",
  "reset",
  "protocol",
  "target-blocked",
  "unsendable",
] as const;
export type NoAnswerClass = (typeof noAnswerClasses)[number];

/**
 * What the steps of an exchange took, in milliseconds. The first three are missing where a
 * connection was there already; `firstByteMs` counts from the beginning of the exchange.
 */
export type Timings = {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
};

/** What came back from a target. Lengths are bounded by `limits`; `text` is there if it is text. */
export type Exchange = {
  readonly durationMs: number;
  readonly timings?: Readonly<Timings>;
} & (
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter?: string;
      readonly text?: string;
    }
  | { readonly kind: "no-answer"; readonly class: NoAnswerClass }
);

/** What an exchange means for the message. */
export type Outcome =
  | { readonly kind: "accepted"; readonly status: number }
  | {
      readonly kind: "retryable";
      readonly class: string;
      readonly status?: number;
      readonly retryAfterMs?: number;
    }
  | {
      readonly kind: "final";
      readonly class: string;
      readonly status?: number;
      readonly reason: FailReason;
    };

/** The class of an outcome, as histories and logs name it. */
export const classOf = (outcome: Outcome): string =>
  outcome.kind === "accepted" ? "accepted" : outcome.class;

/** How many milliseconds a `Retry-After` asks for (RFC 9110, 10.2.3): seconds or a date. */
export const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
  const text = value?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // The three date formats of RFC 9110, 5.6.7 begin with the name of a day.
  const isDate = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text);
  // The one of C's asctime names no zone and means GMT; left alone it would be read as local time.
  const at = isDate ? Date.parse(/ \d{4}$/.test(text) ? `${text} GMT` : text) : Number.NaN;
  return Number.isNaN(at) || at <= now ? undefined : at - now;
};

/** Returns whether a status says that the target has taken the message: any 2xx (RFC 9110, 15.3). */
export const isAccepted = (status: number): boolean => status >= 200 && status < 300;

/**
 * What the answer of a target means. Success is 2xx. `410 Gone` says for good that nobody listens
 * (RFC 9110, 15.5.11). A redirect is not followed and counts as a failure: the address that was
 * given is the one that answers. Everything else may be better next time.
 */
export const judge = (exchange: Exchange, now: number): Outcome => {
  if (exchange.kind === "no-answer") return judgeSilence(exchange.class);
  const { status } = exchange;
  if (isAccepted(status)) return { kind: "accepted", status };
  if (status === 410) return { kind: "final", class: "status", status, reason: "gone" };
  const retryAfterMs = parseRetryAfter(exchange.retryAfter, now);
  return { kind: "retryable", class: "status", status, ...(retryAfterMs && { retryAfterMs }) };
};

/** What will be no better next time is final: an address out of bounds, a request that cannot be. */
const judgeSilence = (silence: NoAnswerClass): Outcome =>
  silence === "target-blocked" || silence === "unsendable"
    ? { kind: "final", class: silence, reason: silence }
    : { kind: "retryable", class: silence };
