import type { Clock } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Vault } from "../../adapters/vault.ts";
import { exchangeDeadlineMs, settleMs } from "../../domain/deadline.ts";
import type { FailReason, Message } from "../../domain/message.ts";
import type { Exchange } from "../../domain/outcome.ts";
import { requestOf } from "../../domain/request.ts";
import { isTooLate } from "../../domain/retry.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { openHeaders } from "../secret-headers.ts";
import type { SecretsOf } from "../signing.ts";

export type ExchangeDeps = {
  readonly payloads: PayloadStore;
  readonly post: Post;
  readonly vault: Vault;
  readonly secretsOf: SecretsOf;
  readonly clock: Clock;
  /** The time-out of a message that does not have its own. */
  readonly timeoutMs: number;
  readonly clockMarginMs: number;
};

/** Why nothing was sent. */
export type Unsent = Extract<FailReason, "payload-missing" | "too-late">;

/**
 * Makes one HTTP exchange, which ends before the lease does, or returns why there is none. A
 * message may have waited longer than its sender does, in a backlog: after `giveUpAt` nothing is
 * sent.
 *
 * Throws if a signing secret or a secret header cannot be decrypted, because a master key is
 * missing: nothing is sent without its signature or one of its headers. The record comes back and
 * is dropped, the lease ends, and the dispatcher gives the message to the next attempt by the
 * schedule; this one counts as unknown. If that continues until no attempt is left, the message is
 * FAILED.
 */
export const exchangeWithTarget = async (
  deps: ExchangeDeps,
  message: Message,
  endsAt: number,
): Promise<Exchange | Unsent> => {
  const { payloads, post, vault, secretsOf, clock, timeoutMs, clockMarginMs } = deps;
  const payload = message.payload ? await payloads.get(message) : message;
  if (!payload) return "payload-missing";
  const secrets = await secretsOf(message.senderId);
  const headers = openHeaders(vault, message, payload.headers);
  const now = clock();
  if (isTooLate(message, now)) return "too-late";
  const deadlineMs = exchangeDeadlineMs({
    ...{ now, clockMarginMs, endsAt, settleMs },
    timeoutMs: message.timeoutMs ?? timeoutMs,
    leaseUntil: message.leaseUntil ?? now,
  });
  // A process that was frozen since its claim may find its lease over: it must not send then.
  if (deadlineMs <= 0) throw new Error("The lease was over before the request was sent");
  return post(requestOf(message, { headers, body: payload.body }, secrets, now), deadlineMs);
};
