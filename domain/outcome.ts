import type { FailReason } from "./message.ts";

/** Why an exchange ended without an HTTP status. */
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
 * The durations of the phases of an exchange, in milliseconds. The first three are absent on a
 * reused connection. `firstByteMs` counts from the beginning of the exchange.
 */
export type Timings = {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  firstByteMs?: number;
};

/** The response of a target. Lengths are bounded by `limits`; `text` is present if it is text. */
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

/** Returns the class of an outcome, as the history and the logs name it. */
export const classOf = (outcome: Outcome): string =>
  outcome.kind === "accepted" ? "accepted" : outcome.class;

/** Returns the wait that a `Retry-After` asks for, in milliseconds (RFC 9110, 10.2.3). */
export const parseRetryAfter = (value: string | undefined, now: number): number | undefined => {
  const text = value?.trim() ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  // The three date formats of RFC 9110, 5.6.7 begin with the name of a weekday.
  const isDate = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text);
  // The asctime format has no zone and means GMT. Date.parse would read it as local time.
  const at = isDate ? Date.parse(/ \d{4}$/.test(text) ? `${text} GMT` : text) : Number.NaN;
  return Number.isNaN(at) || at <= now ? undefined : at - now;
};

/** Tells whether a status means that the target accepted the message: any 2xx (RFC 9110, 15.3). */
export const isAccepted = (status: number): boolean => status >= 200 && status < 300;

/**
 * Returns what a response means for the message. 2xx is accepted. `410 Gone` is final (RFC 9110,
 * 15.5.11). A redirect is not followed and counts as a failure. Everything else is retried.
 */
export const judge = (exchange: Exchange, now: number): Outcome => {
  if (exchange.kind === "no-answer") return judgeSilence(exchange.class);
  const { status } = exchange;
  if (isAccepted(status)) return { kind: "accepted", status };
  if (status === 410) return { kind: "final", class: "status", status, reason: "gone" };
  const retryAfterMs = parseRetryAfter(exchange.retryAfter, now);
  return { kind: "retryable", class: "status", status, ...(retryAfterMs && { retryAfterMs }) };
};

/** A blocked address or an impossible request is final: a retry would end the same way. */
const judgeSilence = (silence: NoAnswerClass): Outcome =>
  silence === "target-blocked" || silence === "unsendable"
    ? { kind: "final", class: silence, reason: silence }
    : { kind: "retryable", class: silence };
