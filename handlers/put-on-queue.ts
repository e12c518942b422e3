import type { Clock } from "../adapters/clock.ts";
import type { Log } from "../adapters/log.ts";
import type { Queue } from "../adapters/queue.ts";
import type { Message } from "../domain/message.ts";
import { nextRecord } from "../domain/record.ts";
import { delaySeconds, isNear } from "../domain/schedule.ts";
import type { MessageStore } from "../entities/message.ts";

/** A message that waits for the record of its next attempt to be sent. */
export type Waiting = Message & { readonly notBefore: number };

type Deps = { readonly messages: MessageStore; readonly queue: Queue; readonly clock: Clock };

/**
 * Puts the record of a PENDING message's next attempt on the queue and marks the message QUEUED.
 * Resolves to the message as it then is; throws if the record could not be sent, with the message
 * PENDING, or if the mark could not be made, with the record on the queue.
 *
 * Send first, then mark: a crash in between leaves a PENDING message with a record, which a worker
 * claims all the same. The other order could leave a QUEUED message without one.
 */
export const putOnQueue = async (
  { messages, queue, clock }: Deps,
  message: Waiting,
): Promise<Message> => {
  try {
    await queue.send({
      record: nextRecord(message),
      delaySeconds: delaySeconds(message.notBefore, clock()),
    });
  } catch (error) {
    // Somebody else may have marked it: a repeat of the same submit, say. A crash before this
    // leaves a QUEUED message that the dispatcher sends again.
    await messages.rollback(message, { now: clock() });
    throw error;
  }
  const marked = await messages.enqueue(message, { now: clock(), seen: message, before: message });
  // Not marked: a worker was faster, and the state that it wrote stays.
  return marked.kind === "done" ? marked.message : (marked.current ?? message);
};

/**
 * Puts the records of several messages on the queue by one call, and treats each message as
 * `putOnQueue` does. Resolves to the result of each, in the same order. Each is marked by its own
 * store.
 */
export const putAllOnQueue = async (
  { queue, clock }: Omit<Deps, "messages">,
  waiting: readonly { readonly message: Waiting; readonly messages: MessageStore }[],
): Promise<readonly PromiseSettledResult<Message>[]> => {
  const now = clock();
  const sent = queue.sendAll(
    waiting.map(({ message }) => ({
      record: nextRecord(message),
      delaySeconds: delaySeconds(message.notBefore, now),
    })),
  );
  return Promise.allSettled(
    waiting.map(({ message, messages }, index) => {
      const send = async (): Promise<void> => {
        // The call succeeds even if the queue did not take every record.
        if (!(await sent)[index]) throw new Error("The queue did not accept the record");
      };
      return putOnQueue({ messages, queue: { ...queue, send }, clock }, message);
    }),
  );
};

/**
 * Puts the next record of a PENDING message on the queue if there is one and it can delay it for as
 * long as needed. A failure is only logged, because what led here is stored already: the dispatcher sends
 * the record. Resolves to the message as it then is.
 */
export const putOnQueueIfNear = async (
  {
    queue,
    ...deps
  }: Omit<Deps, "queue"> & {
    readonly queue?: Queue | undefined;
    readonly log: Log;
  },
  message: Message,
): Promise<Message> => {
  const { notBefore, senderId, messageId } = message;
  if (!queue || notBefore === undefined || !isNear(notBefore, deps.clock())) return message;
  try {
    return await putOnQueue({ ...deps, queue }, { ...message, notBefore });
  } catch (error) {
    deps.log.failure("record not queued", error, { senderId, messageId });
    return message;
  }
};
