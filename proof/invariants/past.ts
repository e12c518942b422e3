import type { AttemptView } from "../../domain/attempt.ts";
import type { Message } from "../../domain/message.ts";
import type { Event } from "./events.ts";

/**
 * As much of what happened to one message as judging the next event takes. Small and finite, so
 * that a search over all states can have it in each of them.
 */
export type Past = {
  /** The item as it was last written or read. */
  readonly stored?: Message;
  readonly views?: readonly AttemptView[];
  /** The contents that senders tried to hand over under this id, and the times asked for. */
  readonly asked: readonly string[];
  readonly deliverAt?: number;
  /** The content of the first answer that was a promise. */
  readonly promised?: string;
  /** Who claimed each attempt, when no earlier it may begin, and how often it reached the target. */
  readonly holders: Readonly<Record<number, string>>;
  readonly requests: Readonly<Record<number, number>>;
  /** The status with which the target answered each attempt. */
  readonly answers: Readonly<Record<number, number>>;
  /**
   * The attempt that the target accepted, if nothing happened since its claim that would explain
   * another: no fault, no replay, and no later claim by then.
   */
  readonly accepted?: number;
  /** There was a fault since the last claim. */
  readonly isDisturbed: boolean;
  /** Since the last claim its holder was frozen, and may go on after its lease is over. */
  readonly isFrozen: boolean;
  /** How many records of each attempt are on the queue, in flight or waiting. */
  readonly records: Readonly<Record<number, number>>;
  readonly isRecordLost: boolean;
  readonly isClockBroken: boolean;
  /** What jobs did, by their ids. Absent: there was none that was for this message. */
  readonly jobs?: Readonly<Record<string, JobPast>>;
};

/** What one job did to the message, and how often it had been replayed by then. */
export type JobPast = {
  readonly planned?: number;
  readonly entered?: number;
  readonly hasReplayed?: boolean;
};

export const unknownPast: Past = {
  asked: [],
  holders: {},
  requests: {},
  answers: {},
  isDisturbed: false,
  isFrozen: false,
  records: {},
  isRecordLost: false,
  isClockBroken: false,
};

const withJob = (past: Past, jobId: string, what: JobPast): Past => ({
  ...past,
  jobs: { ...past.jobs, [jobId]: { ...past.jobs?.[jobId], ...what } },
});

const plus = (counts: Readonly<Record<number, number>>, attempt: number, by: number) => ({
  ...counts,
  [attempt]: Math.max(0, (counts[attempt] ?? 0) + by),
});

export const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** What is known after an event. */
export const remember = (past: Past, event: Event): Past => {
  switch (event.kind) {
    case "asked":
      return {
        ...past,
        asked: past.asked.includes(event.content) ? past.asked : [...past.asked, event.content],
        deliverAt: past.deliverAt ?? event.deliverAt,
      };
    case "told":
      return isSuccess(event.status) ? { ...past, promised: past.promised ?? event.content } : past;
    case "written":
      return rememberWrite(past, event);
    case "record":
      return {
        ...past,
        records: plus(past.records, event.attempt, event.what === "put" ? 1 : -1),
        isRecordLost: past.isRecordLost || event.what === "lost",
      };
    case "planned":
      return withJob(past, event.jobId, { planned: past.stored?.replays ?? 0 });
    case "entered":
      return withJob(past, event.jobId, { entered: event.replays });
    case "requested":
      return { ...past, requests: plus(past.requests, event.attempt, 1) };
    case "answered":
      return {
        ...past,
        answers: { ...past.answers, [event.attempt]: event.status },
        accepted: isCalm(past, event) ? event.attempt : past.accepted,
      };
    case "found":
      return { ...past, stored: event.message, views: event.views };
    case "fault":
      return {
        ...past,
        accepted: undefined,
        isDisturbed: true,
        isFrozen: past.isFrozen || event.what === "frozen",
        isClockBroken: past.isClockBroken || event.what === "clock",
      };
    case "settled":
      return past;
  }
};

/** Whether this answer should have been the last of the message: all went as it should. */
const isCalm = (
  { isDisturbed, stored }: Past,
  { attempt, status }: Extract<Event, { kind: "answered" }>,
): boolean => isSuccess(status) && !isDisturbed && (stored?.attempts ?? attempt) === attempt;

/** Whether the next attempt may begin earlier than it might before. */
const isEarlier = (before: Message, after: Message): boolean =>
  before.notBefore !== undefined &&
  after.notBefore !== undefined &&
  after.notBefore < before.notBefore;

const rememberWrite = (
  past: Past,
  { before, after, by, role, jobId }: Extract<Event, { kind: "written" }>,
): Past => {
  // Gone, as was said it would be once its `ttl` had passed: the promise was kept, and is over.
  if (!after) return { ...unknownPast, asked: past.asked };
  // A new message under an id whose last one has expired begins anew.
  if (!before || before.submitId !== after.submitId)
    return { ...unknownPast, asked: past.asked, deliverAt: past.deliverAt, stored: after };
  const isClaim = after.attempts === (before?.attempts ?? 0) + 1;
  const isReplay = after.replays > (before?.replays ?? 0);
  const isSentNow = role === "sender" && !isReplay && isEarlier(before, after);
  const seen = isReplay && jobId ? withJob(past, jobId, { hasReplayed: true }) : past;
  return {
    ...seen,
    stored: after,
    // Its sender no longer wants it later.
    deliverAt: isSentNow ? 0 : past.deliverAt,
    holders: isClaim ? { ...past.holders, [after.attempts]: by } : past.holders,
    accepted: isReplay ? undefined : past.accepted,
    isDisturbed: past.isDisturbed && !isClaim,
    isFrozen: past.isFrozen && !isClaim,
  };
};
