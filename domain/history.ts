import type { Attempt, AttemptView } from "./attempt.ts";
import type { Message } from "./message.ts";

/**
 * Every attempt of a message, by number. Failed ones are stored, the successful one is on the
 * message, and the current one is still being made. Any other number was claimed by a worker that
 * then vanished: whether the target got the request nobody can say.
 */
export const attemptViews = (
  message: Message,
  failed: readonly Attempt[],
): readonly AttemptView[] =>
  Array.from({ length: message.attempts }, (_, index) => {
    const number = index + 1;
    const stored = failed.find((attempt) => attempt.number === number);
    if (stored) return failedView(stored);
    const { lastOutcome: last } = message;
    if (last?.attempt === number && last.class === "accepted")
      return { number, outcome: "delivered", class: last.class, status: last.status };
    const isCurrent = message.status === "PROCESSING" && number === message.attempts;
    return { number, outcome: isCurrent ? "in-progress" : "unknown" };
  });

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
