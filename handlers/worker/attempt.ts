import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { AttemptReport, Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Message } from "../../domain/message.ts";
import { classOf, type Exchange, judge, type Outcome } from "../../domain/outcome.ts";
import { type CountedAttempt, countedAttempt } from "../../domain/outcome-counts.ts";
import { responseShown } from "../../domain/redact.ts";
import { decideVerdict, factsOf, type Verdict } from "../../domain/retry.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { putOnQueueIfNear } from "../put-on-queue.ts";
import { retryUntil } from "../retry-until.ts";
import { type ExchangeDeps, exchangeWithTarget, type Unsent } from "./exchange.ts";
import { lastOutcomeOf, settleAttempt } from "./settle-attempt.ts";

export type AttemptDeps = ExchangeDeps & {
  readonly messages: MessageStore;
  readonly attempts: AttemptStore;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly graceMs: number;
  readonly scheduleMs: readonly number[];
};

/**
 * An attempt that was made: its report, what is counted of it if its outcome was stored, and the
 * error if it could not be stored.
 */
export type Attempted = {
  readonly report: AttemptReport;
  readonly counted?: CountedAttempt;
  readonly error?: unknown;
};

/** An attempt on its way to being stored. */
type Ended = {
  readonly outcome: Outcome;
  readonly verdict: Verdict;
  readonly exchange: Exchange | undefined;
  readonly now: number;
};

const outcomeOf = (made: Exchange | Unsent, now: number): Outcome =>
  typeof made === "string" ? { kind: "final", class: made, reason: made } : judge(made, now);

/** Makes the attempt of a claimed message, stores what came of it, and sends the next record. */
export const attempt = async (
  deps: AttemptDeps,
  message: Message,
  endsAt: number,
): Promise<Attempted> => {
  const { clock, chance, metrics, scheduleMs } = deps;
  const made = await exchangeWithTarget(deps, message, endsAt);
  const exchange = typeof made === "string" ? undefined : made;
  const now = clock();
  const outcome = outcomeOf(made, now);
  const facts = factsOf(message, { scheduleMs, now, random: chance.random() });
  const ended = { outcome, verdict: decideVerdict(outcome, facts), exchange, now };
  metrics.count(outcome.kind === "accepted" ? "AttemptsSucceeded" : "AttemptsFailed");
  if (exchange) metrics.milliseconds("ExchangeDuration", exchange.durationMs);

  // The attempt is stored first: a crash in between leaves one attempt too many in the history,
  // never one too few.
  if (outcome.kind !== "accepted") await recordAttempt(deps, message, ended);
  const settled = await settle(deps, message, ended, endsAt);
  if (settled.kind === "done") await countAndRequeue(deps, settled.message);
  // The message does not keep it, and a sender who sees it tried again must know why. A crash
  // before this leaves an attempt with an unknown outcome.
  if (settled.kind !== "done" && outcome.kind === "accepted")
    await recordAttempt(deps, message, ended);
  // By a holder that was overtaken: the message has ended since, and its content was erased.
  if (settled.kind === "lost" && settled.current?.erasedAt !== undefined)
    await recordAttempt(deps, message, withoutResponse(ended));
  const report = reportOf(message, ended, settled);
  if (settled.kind === "failed") return { report, error: settled.error };
  if (settled.kind === "lost") return { report };
  return { report, counted: countedAttempt(settled.message, exchange?.durationMs) };
};

const withoutResponse = ({ exchange, ...ended }: Ended): Ended => ({
  ...ended,
  exchange: exchange?.kind === "answered" ? { ...exchange, text: undefined } : exchange,
});

type Settled = Changed | { readonly kind: "failed"; readonly error: unknown };

/**
 * Stores how the attempt ended. A crash before the write leaves a lease that ends, and the target
 * gets the message once more; that is why the write is retried for as long as there is time.
 */
const settle = async (
  deps: AttemptDeps,
  message: Message,
  ended: Ended,
  endsAt: number,
): Promise<Settled> => {
  const { messages, clock, graceMs } = deps;
  const write = (): Promise<Changed> => {
    const now = clock();
    const lastOutcome = lastOutcomeOf(message, ended, now);
    return settleAttempt(messages, message, ended.verdict, { lastOutcome, now, graceMs });
  };
  try {
    return await retryUntil(write, {
      ...deps,
      until: Math.min(message.leaseUntil ?? endsAt, endsAt),
    });
  } catch (error) {
    return { kind: "failed", error };
  }
};

const verdictOf = ({ verdict }: Ended, { kind }: Settled): AttemptReport["verdict"] => {
  if (kind === "done") return verdict.verb;
  return kind === "lost" ? "overtaken" : "unsettled";
};

const reportOf = (message: Message, ended: Ended, settled: Settled): AttemptReport => {
  const { outcome, verdict, exchange } = ended;
  return {
    class: classOf(outcome),
    httpStatus: outcome.status,
    verdict: verdictOf(ended, settled),
    reason: verdict.verb === "fail" ? verdict.reason : undefined,
    nextAttemptAt: verdict.verb === "retry" ? new Date(verdict.notBefore).toISOString() : undefined,
    exchangeMs: exchange?.durationMs,
    timings: exchange?.timings,
    targetHost: new URL(message.targetUrl).host,
  };
};

/**
 * Stores what an attempt saw. Worth less than how the message goes on, so a failure is only logged.
 */
const recordAttempt = async (
  { attempts, log }: AttemptDeps,
  message: Message,
  { outcome, exchange, now }: Ended,
): Promise<void> => {
  const { senderId, messageId, submitId, ttl } = message;
  const durationMs = exchange?.durationMs ?? 0;
  const text = exchange?.kind === "answered" ? exchange.text : undefined;
  try {
    await attempts.record({
      ...{ senderId, messageId, submitId, ttl, durationMs },
      number: message.attempts,
      startedAt: now - durationMs,
      timings: exchange?.timings,
      class: classOf(outcome),
      status: outcome.status,
      responseText: text === undefined ? undefined : responseShown(message, text),
    });
  } catch (error) {
    log.failure("attempt not recorded", error, { senderId, messageId });
  }
};

const countAndRequeue = async (deps: AttemptDeps, message: Message): Promise<void> => {
  const { status } = message;
  if (status === "COMPLETED") deps.metrics.count("MessagesCompleted");
  if (status === "FAILED") deps.metrics.count("MessagesFailed");
  if (status === "PENDING") await putOnQueueIfNear(deps, message);
};
