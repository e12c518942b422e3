import { leaseOverBy, startableBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import { leaseFrom } from "../../domain/schedule.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import {
  aMessage,
  aMessageId,
  anOutcome,
  clockMarginMs,
  dayMs,
  graceMs,
  leaseMs,
  minuteMs,
} from "./messages.ts";

const unknown = anOutcome({ class: "unknown", status: undefined });

/** The message after a change that a test takes for granted. */
export const done = (changed: Changed): Message => {
  if (changed.kind !== "done") throw new Error("A change that the test builds on was refused");
  return changed.message;
};

/** The verbs of the lifecycle as their actors use them: on a message as they saw it. */
export const actorsOn = (messages: MessageStore) => {
  /** Submits a message of its own id, unless the overrides give one. */
  const submit = async (overrides: Partial<Message> = {}): Promise<Message> => {
    const submitted = await messages.submit(aMessage({ messageId: aMessageId(), ...overrides }));
    if (submitted.kind !== "stored")
      throw new Error("A submit that the test builds on was refused");
    return submitted.message;
  };

  const enqueue = (seen: Message, now: number, dueAt?: number) =>
    messages.enqueue(seen, { now, seen, set: dueAt === undefined ? {} : { dueAt } });

  const rollback = (seen: Message, now: number) => messages.rollback(seen, { now });

  /** Takes the attempt that a record is for: the next after those that its sender saw. */
  const lease = (now: number) => leaseFrom(now, { leaseMs, clockMarginMs });

  const claim = (seen: Message, now: number) =>
    messages.claim(seen, {
      now,
      seen,
      notAfter: { notBefore: startableBy(now, clockMarginMs), dueAt: lease(now).dueAt },
      set: { owner: `owner-${seen.attempts + 1}`, leaseUntil: now + leaseMs },
    });

  const claimAndReschedule = (seen: Message, now: number) =>
    messages.claimAndReschedule(seen, {
      now,
      seen,
      notAfter: { notBefore: startableBy(now, clockMarginMs) },
      set: { owner: `owner-${seen.attempts + 1}`, ...lease(now) },
    });

  const complete = (held: Message, now: number) =>
    messages.complete(held, {
      now,
      seen: held,
      owner: held.owner,
      set: { lastOutcome: anOutcome({ at: now }) },
    });

  const retry = (held: Message, now: number, notBefore: number) =>
    messages.retry(held, {
      now,
      seen: held,
      owner: held.owner,
      set: { notBefore, dueAt: notBefore + graceMs, lastOutcome: anOutcome({ at: now }) },
    });

  const fail = (held: Message, now: number) =>
    messages.fail(held, {
      now,
      seen: held,
      owner: held.owner,
      set: { failReason: "gone", failedShard: "shop#0", lastOutcome: anOutcome({ at: now }) },
    });

  const abandon = (held: Message, now: number) =>
    messages.abandon(held, {
      now,
      seen: held,
      owner: held.owner,
      set: { lastOutcome: anOutcome({ at: now }) },
    });

  const cancel = (seen: Message, now: number) => messages.cancel(seen, { now });

  const requestCancel = (seen: Message, now: number) =>
    messages.requestCancel(seen, { now, set: { cancelRequestedAt: now } });

  const release = (seen: Message, now: number, notBefore = now + minuteMs) =>
    messages.release(seen, {
      now,
      seen,
      notAfter: { leaseUntil: leaseOverBy(now, clockMarginMs) },
      set: { notBefore, dueAt: notBefore + graceMs, lastOutcome: unknown },
    });

  const releaseAsFailed = (seen: Message, now: number) =>
    messages.releaseAsFailed(seen, {
      now,
      seen,
      notAfter: { leaseUntil: leaseOverBy(now, clockMarginMs) },
      set: { failReason: "attempts-exhausted", failedShard: "shop#0", lastOutcome: unknown },
    });

  const releaseAsCancelled = (seen: Message, now: number) =>
    messages.releaseAsCancelled(seen, {
      now,
      seen,
      notAfter: { leaseUntil: leaseOverBy(now, clockMarginMs) },
      set: { lastOutcome: unknown },
    });

  const postpone = (seen: Message, now: number, dueAt: number) =>
    messages.postpone(seen, { now, seen, set: { dueAt } });

  const replay = (seen: Message, now: number) =>
    messages.replay(seen, {
      now,
      seen,
      set: {
        owner: `replay-${seen.replays + 1}`,
        attemptsAllowed: seen.attempts + 10,
        attemptsBefore: seen.attempts,
        giveUpAt: now + 3 * dayMs,
        notBefore: now,
        dueAt: now + graceMs,
        dueShard: "0",
        ttl: Math.ceil((now + 30 * dayMs) / 1000),
      },
    });

  const erase = (seen: Message, now: number) =>
    messages.erase(seen, { now, set: { erasedAt: now, payload: true } });

  const sendNow = (seen: Message, now: number) =>
    messages.sendNow(seen, { now, seen, set: { notBefore: now, dueAt: now + graceMs } });

  return {
    submit,
    enqueue,
    rollback,
    claim,
    claimAndReschedule,
    complete,
    retry,
    fail,
    abandon,
    cancel,
    requestCancel,
    release,
    releaseAsFailed,
    releaseAsCancelled,
    sendNow,
    postpone,
    replay,
    erase,
  };
};
