import type { Attempt, AttemptView } from "./attempt.ts";
import type { LastOutcome, Message } from "./message.ts";
import { responseShown } from "./redact.ts";
import { timesOf } from "./took.ts";

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
      return { number, outcome, class: last.class, status: last.status, ...timesOfLast(last) };
    }
    const isCurrent = message.status === "PROCESSING" && number === message.attempts;
    return { number, outcome: isCurrent ? "in-progress" : "unknown" };
  });

/** A crash may have left the answer to an erased message, which nobody is shown. */
const shown = (message: Message, { responseText, ...attempt }: Attempt): Attempt =>
  responseText === undefined || message.erasedAt !== undefined
    ? attempt
    : { ...attempt, responseText: responseShown(message, responseText) };

const timesOfLast = ({ at, took }: LastOutcome) => {
  const { durationMs, timings } = timesOf(took);
  return durationMs === undefined ? {} : { startedAt: at - durationMs, durationMs, timings };
};

/** A message delivered before durations were stored has 0 for them. */
const hasTimes = ({ class: what, durationMs, timings }: Attempt): boolean =>
  what !== "accepted" || durationMs > 0 || timings !== undefined;

const storedView = (attempt: Attempt): AttemptView => {
  const { number, class: what, status, startedAt, durationMs, timings, responseText } = attempt;
  const isDelivered = what === "accepted";
  return {
    ...{ number, outcome: isDelivered ? "delivered" : "failed", class: what, status },
    ...(hasTimes(attempt) && { startedAt, durationMs, timings }),
    ...(!isDelivered && { responseText }),
  };
};
