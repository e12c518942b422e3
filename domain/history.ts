import type { Attempt, AttemptView } from "./attempt.ts";
import type { Message } from "./message.ts";
import { responseShown } from "./redact.ts";

/**
 * Returns every attempt of a message, by number. Failed attempts are stored as items; the message
 * keeps the outcome of its latest. A delivered attempt is an item only where the message cannot
 * keep it: another worker holds it by now, or it was replayed. Any other number was claimed by a
 * worker that died: whether the target got the request is unknown.
 */
export const attemptViews = (
  message: Message,
  stored: readonly Attempt[],
): readonly AttemptView[] =>
  Array.from({ length: message.attempts }, (_, index) => {
    const number = index + 1;
    const attempt = stored.find((each) => each.number === number);
    if (attempt) return storedView(shown(message, attempt));
    const { lastOutcome: last } = message;
    if (last?.attempt === number && last.class !== "unknown") {
      const outcome = last.class === "accepted" ? "delivered" : "failed";
      return { number, outcome, class: last.class, status: last.status };
    }
    const isCurrent = message.status === "PROCESSING" && number === message.attempts;
    return { number, outcome: isCurrent ? "in-progress" : "unknown" };
  });

/** A crash may have left the answer to an erased message, which nobody is shown. */
const shown = (message: Message, { responseText, ...attempt }: Attempt): Attempt =>
  responseText === undefined || message.erasedAt !== undefined
    ? attempt
    : { ...attempt, responseText: responseShown(message, responseText) };

const storedView = (attempt: Attempt): AttemptView =>
  attempt.class === "accepted"
    ? { number: attempt.number, outcome: "delivered", class: attempt.class, status: attempt.status }
    : failedView(attempt);

const failedView = (attempt: Attempt): AttemptView => ({
  number: attempt.number,
  outcome: "failed",
  class: attempt.class,
  status: attempt.status,
  startedAt: attempt.startedAt,
  durationMs: attempt.durationMs,
  timings: attempt.timings,
  responseText: attempt.responseText,
});
