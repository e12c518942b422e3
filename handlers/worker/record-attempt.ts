import type { Log } from "../../adapters/log.ts";
import type { Message } from "../../domain/message.ts";
import { classOf, type Exchange, type Outcome } from "../../domain/outcome.ts";
import { responseShown } from "../../domain/redact.ts";
import type { AttemptStore } from "../../entities/attempt.ts";

/** How an attempt ended, and when. */
export type End = {
  readonly outcome: Outcome;
  /** With the target, if there was one by HTTP. */
  readonly exchange?: Exchange | undefined;
  readonly now: number;
};
export const withoutResponse = <Ended extends End>({ exchange, ...ended }: Ended) => ({
  ...ended,
  exchange: exchange?.kind === "answered" ? { ...exchange, text: undefined } : exchange,
});

/**
 * Stores what an attempt saw. Worth less than how the message goes on, so a failure is only logged.
 */
export const recordAttempt = async (
  { attempts, log }: { readonly attempts: AttemptStore; readonly log: Log },
  message: Message,
  { outcome, exchange, now }: End,
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
