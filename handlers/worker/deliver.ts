import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Post } from "../../adapters/http.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Vault } from "../../adapters/vault.ts";
import { exchangeDeadlineMs } from "../../domain/deadline.ts";
import type { FailReason, Message } from "../../domain/message.ts";
import { classOf, type Exchange, judge, type Outcome } from "../../domain/outcome.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { requestOf } from "../../domain/request.ts";
import { factsOf, isTooLate, settle, type Verdict } from "../../domain/retry.ts";
import { isNear } from "../../domain/schedule.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { insist } from "../insist.ts";
import { putOnQueue } from "../put-on-queue.ts";
import { openHeaders } from "../secret-headers.ts";
import type { SecretsOf } from "../signing.ts";
import { collectTransitions } from "../transitions.ts";
import { claim } from "./claim-attempt.ts";
import { lastOutcomeOf, settleAttempt } from "./settle-attempt.ts";

export type DeliverDeps = {
  readonly messages: MessageStore;
  readonly payloads: PayloadStore;
  readonly attempts: AttemptStore;
  readonly queue: Queue;
  readonly post: Post;
  readonly vault: Vault;
  readonly secretsOf: SecretsOf;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly leaseMs: number;
  readonly clockMarginMs: number;
  readonly graceMs: number;
  /** For a message that does not say otherwise. */
  readonly timeoutMs: number;
  readonly scheduleMs: readonly number[];
};

/** What must be left, besides the exchange, to write down what came of it. */
export const settleMs = 5000;

type Line = Record<string, unknown>;

/**
 * Makes the attempt that one record points at. Resolves when the record has done its work, also
 * when there was none left to do; throws only when *we* failed, and then the record comes back.
 * `endsAt` is when this process will be stopped.
 */
export const deliver = async (
  deps: DeliverDeps,
  record: DeliveryRecord,
  endsAt: number,
): Promise<void> => {
  const { senderId, messageId, attempt } = record;
  const transitions = collectTransitions();
  const line: Line = { senderId, messageId, attempt };
  const startedAt = deps.clock();
  try {
    const messages = deps.messages.observedBy(transitions.on);
    const message = await claim({ ...deps, messages }, record);
    if (message) await attemptOnce({ ...deps, messages }, message, endsAt, line);
    else line["verdict"] = "record-dropped";
  } finally {
    const durationMs = deps.clock() - startedAt;
    deps.log.line({ event: "attempt", ...line, transitions: transitions.steps, durationMs });
  }
};

const attemptOnce = async (
  deps: DeliverDeps,
  message: Message,
  endsAt: number,
  line: Line,
): Promise<void> => {
  const { clock, chance, metrics, scheduleMs } = deps;
  const made = await exchangeWithTarget(deps, message, endsAt);
  const exchange = typeof made === "string" ? undefined : made;
  const now = clock();
  const outcome: Outcome =
    typeof made === "string" ? { kind: "final", class: made, reason: made } : judge(made, now);
  const verdict = settle(outcome, factsOf(message, { scheduleMs, now, random: chance.random() }));
  Object.assign(line, {
    class: classOf(outcome),
    httpStatus: outcome.status,
    verdict: verdict.verb,
    reason: verdict.verb === "fail" ? verdict.reason : undefined,
    exchangeMs: exchange?.durationMs,
    timings: exchange?.timings,
    targetHost: new URL(message.targetUrl).host,
  });
  metrics.count(outcome.kind === "accepted" ? "AttemptsSucceeded" : "AttemptsFailed");
  if (exchange) metrics.milliseconds("ExchangeDuration", exchange.durationMs);

  // The attempt is written first: a crash in between leaves one attempt too many in the history,
  // never one too few.
  if (outcome.kind !== "accepted") await recordAttempt(deps, message, outcome, exchange, now);
  const isSettled = await conclude(deps, message, outcome, verdict, endsAt, line);
  // The message does not keep it, and a sender who sees it tried again shall know why. A crash
  // before this leaves an attempt of which nothing is known.
  if (!isSettled && outcome.kind === "accepted")
    await recordAttempt(deps, message, outcome, exchange, now);
};

/** Why nothing was sent. */
type Unsent = Extract<FailReason, "payload-missing" | "too-late">;

/**
 * One HTTP exchange, over before the lease is; or why there is none. A message may have waited for
 * longer than its sender does, in a backlog say: after `giveUpAt` nothing is sent.
 *
 * Throws if a signing secret or the value of a secret header is not to be had, because a master key
 * is missing, say: nothing is sent without its signature or one of its headers. Its record comes
 * back and is dropped, the lease runs out, and the dispatcher gives the message to the next attempt
 * by the schedule, this one counting as unknown. If that goes on until none is left it is FAILED.
 */
const exchangeWithTarget = async (
  deps: DeliverDeps,
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

/** What an attempt saw. Worth less than its settling, which goes on if this cannot be had. */
const recordAttempt = async (
  { attempts, log }: DeliverDeps,
  message: Message,
  outcome: Outcome,
  exchange: Exchange | undefined,
  now: number,
): Promise<void> => {
  const { senderId, messageId, submitId, ttl } = message;
  const durationMs = exchange?.durationMs ?? 0;
  try {
    await attempts.record({
      ...{ senderId, messageId, submitId, ttl, durationMs },
      number: message.attempts,
      startedAt: now - durationMs,
      timings: exchange?.timings,
      class: classOf(outcome),
      status: outcome.status,
      responseText: exchange?.kind === "answered" ? exchange.text : undefined,
    });
  } catch (error) {
    log.failure("attempt not recorded", error, { senderId, messageId });
  }
};

/**
 * Ends the attempt, and sees to the next one; false if the message is another's by now. A crash
 * before the write leaves a lease that runs out, and the target gets the message once more; that is
 * why the write is insisted upon.
 */
const conclude = async (
  deps: DeliverDeps,
  message: Message,
  outcome: Outcome,
  verdict: Verdict,
  endsAt: number,
  line: Line,
): Promise<boolean> => {
  const { messages, clock, graceMs, metrics } = deps;
  const until = Math.min(message.leaseUntil ?? endsAt, endsAt);
  const settled = await insist(
    () => {
      const now = clock();
      const lastOutcome = lastOutcomeOf(message, outcome, now);
      return settleAttempt(messages, message, verdict, { lastOutcome, now, graceMs });
    },
    { ...deps, until },
  );
  // Overtaken: the lease ran out and the message is another's.
  if (settled.kind === "lost") {
    line["verdict"] = "overtaken";
    return false;
  }
  if (settled.message.status === "COMPLETED") metrics.count("MessagesCompleted");
  if (settled.message.status === "FAILED") metrics.count("MessagesFailed");
  if (settled.message.status === "PENDING") await queueRetry(deps, settled.message);
  return true;
};

/** The attempt is settled already, so a retry that cannot be sent is the dispatcher's to send. */
const queueRetry = async (deps: DeliverDeps, message: Message): Promise<void> => {
  const { notBefore } = message;
  if (notBefore === undefined || !isNear(notBefore, deps.clock())) return;
  try {
    await putOnQueue(deps, { ...message, notBefore });
  } catch (error) {
    const { senderId, messageId } = message;
    deps.log.failure("retry not queued", error, { senderId, messageId });
  }
};
