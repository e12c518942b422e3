import type { ActionEntry } from "./action-entry.ts";
import type { Attempt, AttemptView } from "./attempt.ts";
import { attemptViews } from "./history.ts";
import { stampOf } from "./lifecycle.ts";
import { type Message, type Status, statuses } from "./message.ts";

/** One thing that happened to a message. `at` is absent where the time is not known. */
export type TimelineEvent = { readonly at?: number | undefined } & (
  | { readonly kind: "submitted" }
  | { readonly kind: "action"; readonly entry: ActionEntry }
  | { readonly kind: "attempt"; readonly attempt: AttemptView }
  /** The message entered a state. Of each state only the last time is stored. */
  | { readonly kind: "state"; readonly status: Status }
);

/** Returns when an attempt began, or when it ended if only its delivery is stored. */
const attemptAt = (
  message: Message,
  attempt: AttemptView,
  stored: readonly Attempt[],
): number | undefined => {
  const { lastOutcome, attempts, processingAt } = message;
  const item = stored.find(({ number }) => number === attempt.number);
  if (item) return item.startedAt;
  if (lastOutcome?.attempt === attempt.number) return lastOutcome.at;
  return attempt.number === attempts ? processingAt : undefined;
};

const statesOf = (message: Message): readonly TimelineEvent[] =>
  statuses.flatMap((status): readonly TimelineEvent[] => {
    const at = message[stampOf[status]];
    // A submit makes it PENDING.
    const isSubmit = status === "PENDING" && at === message.createdAt;
    return at === undefined || isSubmit ? [] : [{ at, kind: "state", status }];
  });

/**
 * Returns what happened to a message, in order: its submit, what persons and jobs did, each attempt,
 * and its states. An attempt whose time is not known comes after the one before it.
 */
export const timelineOf = (
  message: Message,
  stored: readonly Attempt[],
  entries: readonly ActionEntry[],
): readonly TimelineEvent[] => {
  const events: readonly TimelineEvent[] = [
    { at: message.createdAt, kind: "submitted" },
    ...entries.map((entry): TimelineEvent => ({ at: entry.at, kind: "action", entry })),
    ...attemptViews(message, stored).map(
      (attempt): TimelineEvent => ({
        ...{ at: attemptAt(message, attempt, stored), kind: "attempt", attempt },
      }),
    ),
    ...statesOf(message),
  ];
  let known = message.createdAt;
  const placed = events.map((event) => {
    known = event.at ?? known;
    return { event, place: known };
  });
  return placed.sort((one, other) => one.place - other.place).map(({ event }) => event);
};
