import type { Clock } from "../../adapters/clock.ts";
import type { Log } from "../../adapters/log.ts";
import type { Queue } from "../../adapters/queue.ts";
import type { Message } from "../../domain/message.ts";
import { dueFor } from "../../domain/schedule.ts";
import type { MessageStore } from "../../entities/message.ts";
import { putOnQueueIfNear } from "../put-on-queue.ts";
import { invalidState, noMessage } from "./invalid-state.ts";

export type SendNowDeps = {
  readonly messages: MessageStore;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly graceMs: number;
};

const isWaiting = ({ status }: Message): boolean => status === "PENDING" || status === "QUEUED";

/**
 * Lets the next attempt of a waiting message begin at once. It counts as an attempt; the waits
 * after it stay as scheduled. Of a message whose next attempt is due already, only a missing record
 * is sent. Throws INVALID_STATE if the message is neither PENDING nor QUEUED.
 *
 * A crash after the write leaves a PENDING message that is due: the dispatcher sends its record.
 */
export const sendNow = async (deps: SendNowDeps, message: Message): Promise<Message> => {
  const { messages, clock, graceMs } = deps;
  const now = clock();
  const rule = "Only one that waits for its next attempt, PENDING or QUEUED, can be sent now.";
  if (!isWaiting(message)) throw invalidState(message, rule);
  const { notBefore = Number.POSITIVE_INFINITY } = message;
  if (notBefore <= now)
    return message.status === "QUEUED" ? message : putOnQueueIfNear(deps, message);

  const set = dueFor(now, now, graceMs);
  const changed = await messages.sendNow(message, { now, seen: message, set });
  if (changed.kind === "done") return putOnQueueIfNear(deps, changed.message);
  const { current } = changed;
  if (!current) throw noMessage();
  // Another request was faster, or this one: the SDK repeats a write whose answer was lost.
  if (isWaiting(current) && (current.notBefore ?? now) <= now)
    return current.status === "QUEUED" ? current : putOnQueueIfNear(deps, current);
  throw invalidState(current, "It changed while the request was made.");
};
