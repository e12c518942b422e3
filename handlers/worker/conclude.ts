import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { AttemptReport, Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Message } from "../../domain/message.ts";
import { classOf } from "../../domain/outcome.ts";
import { type CountedAttempt, countedAttempt } from "../../domain/outcome-counts.ts";
import { decideVerdict, factsOf, type Verdict } from "../../domain/retry.ts";
import { traceOf } from "../../domain/trace-context.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { putOnQueueIfNear } from "../put-on-queue.ts";
import { retryUntil } from "../retry-until.ts";
import { type End, recordAttempt, withoutResponse } from "./record-attempt.ts";
import { lastOutcomeOf, settleAttempt } from "./settle-attempt.ts";

export type ConcludeDeps = {
  readonly messages: MessageStore;
  readonly attempts: AttemptStore;
  /** Absent: the dispatcher sends the record of a retry. */
  readonly queue?: Queue | undefined;
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
  /** The message as it was settled. */
  readonly message?: Message;
  readonly counted?: CountedAttempt;
  readonly error?: unknown;
};

type Ended = End & { readonly verdict: Verdict };

/**
 * Stores what came of the attempt of a claimed message, and sends the next record. `endsAt` is when
 * this process is stopped.
 */
export const conclude = async (
  deps: ConcludeDeps,
  message: Message,
  end: End,
  endsAt: number,
): Promise<Attempted> => {
  const { chance, metrics, scheduleMs } = deps;
  const { outcome, exchange, now } = end;
  const facts = factsOf(message, { scheduleMs, now, random: chance.random() });
  const ended = { ...end, verdict: decideVerdict(outcome, facts) };
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
  const counted = countedAttempt(settled.message, exchange?.durationMs);
  return { report, message: settled.message, counted };
};

type Settled = Changed | { readonly kind: "failed"; readonly error: unknown };

/**
 * Stores how the attempt ended. A crash before the write leaves a lease that ends, and the target
 * gets the message once more; that is why the write is retried for as long as there is time.
 */
const settle = async (
  deps: ConcludeDeps,
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
    ...(message.trace && { traceId: traceOf(message)?.traceId }),
  };
};

const countAndRequeue = async (deps: ConcludeDeps, message: Message): Promise<void> => {
  const { status } = message;
  if (status === "COMPLETED") deps.metrics.count("MessagesCompleted");
  if (status === "FAILED") deps.metrics.count("MessagesFailed");
  if (status === "PENDING") await putOnQueueIfNear(deps, message);
};
