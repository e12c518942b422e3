import type { Clock } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Tracing } from "../../adapters/tracing.ts";
import type { Vault } from "../../adapters/vault.ts";
import type { Message } from "../../domain/message.ts";
import type { Exchange } from "../../domain/outcome.ts";
import { requestOf } from "../../domain/request.ts";
import { traceOf } from "../../domain/trace-context.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { openHeaders } from "../secret-headers.ts";
import type { SecretsOf } from "../signing.ts";
import { attemptEnd, attemptStart } from "./attempt-span.ts";
import { timeFor, type Unsent } from "./attempt-time.ts";

export type ExchangeDeps = {
  readonly payloads: PayloadStore;
  readonly post: Post;
  readonly vault: Vault;
  readonly secretsOf: SecretsOf;
  readonly clock: Clock;
  readonly tracing: Tracing;
  /** The time-out of a message that does not have its own. */
  readonly timeoutMs: number;
  readonly clockMarginMs: number;
};

/**
 * Makes one HTTP exchange, which ends before the lease does, or returns why there is none.
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
  const { payloads, post, vault, secretsOf, clock } = deps;
  const payload = message.payload ? await payloads.get(message) : message;
  if (!payload) return "payload-missing";
  const secrets = await secretsOf(message.senderId);
  const headers = openHeaders(vault, message, payload.headers);
  const now = clock();
  const deadlineMs = timeFor(deps, message, { now, endsAt });
  if (deadlineMs === "too-late") return deadlineMs;
  const span = deps.tracing.start(traceOf(message), () => attemptStart(message, now));
  const content = { headers, body: payload.body };
  const exchange = await post(requestOf(message, content, secrets, now, span.context), deadlineMs);
  span.end(() => attemptEnd(exchange, clock()));
  return exchange;
};
