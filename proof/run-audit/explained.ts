import type { RunAnswered, RunEvent, RunFaulted, RunRequested } from "../edition/log.ts";
import { nameOf } from "../invariants/judge.ts";
import { isSuccess } from "../invariants/past.ts";
import { isStored } from "./sightings.ts";

/** A request may still be read from a connection whose other end is dead. */
const slackMs = 1000;
/** What was begun to be written down within the lease may take so long, and end with the process. */
const lastWriteMs = 10_000;

const attemptOf = ({ key, attempt }: Pick<RunAnswered, "key" | "attempt">): string =>
  `${nameOf(key)}/${attempt}`;

/** The attempts whose history says that no answer was heard: it was lost, or came too late. */
const unheard = (log: readonly RunEvent[]): ReadonlySet<string> =>
  new Set(
    log
      .filter(isStored)
      .flatMap(({ key, views = [] }) =>
        views
          .filter(({ outcome, status }) => outcome === "failed" && status === undefined)
          .map(({ number }) => attemptOf({ key, attempt: number })),
      ),
  );

/** The attempts of which the history says what came of them: no kill has cut those off. */
const known = (log: readonly RunEvent[]): ReadonlySet<string> =>
  new Set(
    log
      .filter(isStored)
      .flatMap(({ key, views = [] }) =>
        views
          .filter(({ outcome }) => outcome === "delivered" || outcome === "failed")
          .map(({ number }) => attemptOf({ key, attempt: number })),
      ),
  );

type Why = RunFaulted["what"];

/** The attempts that the edition itself says it could not settle. */
const unsettled = (log: readonly RunEvent[]): ReadonlySet<string> =>
  new Set(
    log.flatMap((event) =>
      event.kind === "fault" && event.key && event.attempt !== undefined
        ? [attemptOf({ key: event.key, attempt: event.attempt })]
        : [],
    ),
  );

/**
 * A kill concerns every message, but it excuses a second request only of those whose accepted
 * attempt may have been held at that moment: after its request, before the next one, and not long
 * after its lease; and whose history does not know what came of it. So does an
 * answer that was not heard, where the history of the message says so, and one that was not written
 * down, where the edition does. This puts the fault where it does, with the key, behind the answer
 * that was lost by it, and takes it out elsewhere. The log is in the order of time, and so is what
 * comes of it.
 */
export const withFaultsExplained = (
  log: readonly RunEvent[],
  leaseMs: number,
): readonly RunEvent[] => {
  const kills = log.filter((event) => event.kind === "fault" && !event.key);
  const [isUnheard, isUnsettled] = [unheard(log), unsettled(log)];
  const requestedAt = new Map<string, number>();
  const attempts = new Map<string, RunRequested[]>();
  for (const event of log) {
    if (event.kind !== "requested") continue;
    requestedAt.set(attemptOf(event), event.at);
    attempts.set(nameOf(event.key), [...(attempts.get(nameOf(event.key)) ?? []), event]);
  }
  const isKnown = known(log);

  const wasKilled = (answered: RunAnswered): boolean => {
    const later = attempts
      .get(nameOf(answered.key))
      ?.find(({ attempt }) => attempt > answered.attempt);
    const from = (requestedAt.get(attemptOf(answered)) ?? answered.at) - slackMs;
    const to = Math.min(later?.at ?? Number.POSITIVE_INFINITY, answered.at + leaseMs + lastWriteMs);
    return !isKnown.has(attemptOf(answered)) && kills.some(({ at }) => at >= from && at <= to);
  };
  const faultOf = (answered: RunAnswered): Why | undefined => {
    if (isUnheard.has(attemptOf(answered))) return "lost-answer";
    if (isUnsettled.has(attemptOf(answered))) return "frozen";
    return wasKilled(answered) ? "crash" : undefined;
  };
  return log.flatMap((event): readonly RunEvent[] => {
    if (event.kind === "fault") return event.key && event.attempt === undefined ? [event] : [];
    if (event.kind !== "answered" || !isSuccess(event.status)) return [event];
    const what = faultOf(event);
    return what ? [event, { kind: "fault", what, at: event.at, key: event.key }] : [event];
  });
};
