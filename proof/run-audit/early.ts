import type { RunAnswered, RunEvent, RunRequested } from "../edition/log.ts";
import { type Finding, nameOf } from "../invariants/judge.ts";

/** How far a wait may be moved down at random. */
const jitterShare = 0.2;

type Made = { readonly request: RunRequested; readonly answer?: RunAnswered };

const attemptsOf = (log: readonly RunEvent[]): ReadonlyMap<string, readonly Made[]> => {
  const made = new Map<string, Made[]>();
  for (const event of log) {
    if (event.kind !== "requested" && event.kind !== "answered") continue;
    const attempts = made.get(nameOf(event.key)) ?? [];
    made.set(nameOf(event.key), attempts);
    if (event.kind === "requested") attempts.push({ request: event });
    else {
      const index = attempts.findLastIndex(({ request }) => request.attempt === event.attempt);
      const { request } = attempts[index] ?? {};
      if (request) attempts[index] = { request, answer: event };
    }
  }
  return made;
};

/**
 * Attempts that began before the wait that the one before them, as the target saw it, asks for: its
 * place in the schedule, and what it said in `Retry-After`.
 */
export const earlyRetries = (
  log: readonly RunEvent[],
  scheduleMs: readonly number[],
  clockMarginMs: number,
): readonly Finding[] =>
  [...attemptsOf(log)].flatMap(([message, attempts]) =>
    attempts.flatMap(({ request }, index): readonly Finding[] => {
      const { request: before, answer } = attempts[index - 1] ?? {};
      if (!before || request.attempt <= before.attempt) return [];
      const place = Math.min(before.attempt, scheduleMs.length) - 1;
      const waitMs = Math.max(
        (scheduleMs[place] ?? 0) * (1 - jitterShare),
        answer?.retryAfterMs ?? 0,
      );
      const earlyMs = (answer?.at ?? before.at) + waitMs - clockMarginMs - request.at;
      if (earlyMs <= 1) return [];
      const what = `attempt ${request.attempt} came ${Math.round(earlyMs)} ms before its wait was over`;
      return [{ invariant: "not-early", what, message, event: request }];
    }),
  );
