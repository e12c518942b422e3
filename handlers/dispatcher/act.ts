import type { Chance } from "../../adapters/chance.ts";
import type { Clock, Sleep } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Queue } from "../../adapters/queue.ts";
import { type Act, leaseOverBy } from "../../domain/dispatch.ts";
import type { Message } from "../../domain/message.ts";
import { dueAfterLook, dueAfterSend, dueFor, isNear } from "../../domain/schedule.ts";
import { failedShardOf } from "../../domain/shard.ts";
import type { MessageStore } from "../../entities/message.ts";

export type DispatchDeps = {
  readonly messages: MessageStore;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly shards: number;
  readonly clockMarginMs: number;
  readonly graceMs: number;
  readonly scheduleMs: readonly number[];
};

/** A message whose next record is to be sent now. */
export type Sendable = Message & { readonly notBefore: number };

type Times = Pick<DispatchDeps, "clock" | "clockMarginMs" | "graceMs">;

/**
 * Does what was decided about a message by one conditional write, or none. Returns the message if
 * its record is to be sent now. A refused condition is not a failure: another actor was faster, and
 * the message is checked again when its new state says so.
 */
export const actOn = async (
  messages: MessageStore,
  { clock, clockMarginMs, graceMs }: Times,
  message: Message,
  act: Act,
): Promise<Sendable | undefined> => {
  const now = clock();
  const lost = {
    now,
    seen: message,
    notAfter: { leaseUntil: leaseOverBy(now, clockMarginMs) },
  };
  // The holder is lost, so the outcome of its attempt is unknown.
  const lastOutcome = { attempt: message.attempts, class: "unknown", at: now };
  switch (act.kind) {
    case "send":
    case "resend":
      return { ...message, notBefore: message.notBefore ?? now };
    case "release": {
      const set = { ...dueFor(act.notBefore, now, graceMs), lastOutcome };
      const released = await messages.release(message, { ...lost, set });
      const isSendable = released.kind === "done" && isNear(act.notBefore, now);
      return isSendable ? { ...released.message, notBefore: act.notBefore } : undefined;
    }
    case "releaseAsFailed": {
      const failedShard = failedShardOf(message, message.senderShard);
      const set = { failReason: act.reason, failedShard, lastOutcome };
      await messages.releaseAsFailed(message, { ...lost, set });
      return undefined;
    }
    case "releaseAsCancelled":
      await messages.releaseAsCancelled(message, { ...lost, set: { lastOutcome } });
      return undefined;
    case "postpone":
      await messages.postpone(message, { now, seen: message, set: { dueAt: act.dueAt } });
      return undefined;
    case "nothing":
      return undefined;
  }
};

/**
 * Writes down that a record is on the queue. It was sent first: a crash before this doubles the
 * record, and the claim drops the second; the other order could lose the only one.
 */
export const markSent = async (
  messages: MessageStore,
  { clock, clockMarginMs, graceMs }: Times,
  message: Sendable,
): Promise<void> => {
  const now = clock();
  if (message.status === "QUEUED") {
    const dueAt = dueAfterLook(message, now, clockMarginMs);
    await messages.postpone(message, { now, seen: message, set: { dueAt } });
    return;
  }
  const dueAt = dueAfterSend(message.notBefore, now, graceMs);
  await messages.enqueue(message, { now, seen: message, set: { dueAt } });
};
