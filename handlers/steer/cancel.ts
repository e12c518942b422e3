import type { Clock } from "../../adapters/clock.ts";
import { isTerminal, type Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { invalidState, noMessage } from "./invalid-state.ts";

export type CancelDeps = { readonly messages: MessageStore; readonly clock: Clock };

/** A message moves on a few times a second at most; each refused write saw it move. */
const triesMax = 8;

/**
 * Cancels a message that waits, or asks the holder of its attempt to make no other one. Resolves
 * to the message: CANCELLED, or PROCESSING with `cancelRequestedAt`. An attempt in flight is not
 * recalled: it may still end as COMPLETED.
 *
 * Canceling again changes nothing. Throws INVALID_STATE if the message is COMPLETED or FAILED.
 */
export const cancelMessage = async (
  { messages, clock }: CancelDeps,
  message: Message,
): Promise<Message> => {
  const write = (current: Message): Promise<Changed> => {
    const now = clock();
    return current.status === "PROCESSING"
      ? messages.requestCancel(current, { now, set: { cancelRequestedAt: now } })
      : messages.cancel(current, { now });
  };
  let current = message;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const { status, cancelRequestedAt } = current;
    const isAsked = status === "PROCESSING" && cancelRequestedAt !== undefined;
    // Also after a lost answer: the SDK repeats the write, and finds it done.
    if (status === "CANCELLED" || isAsked) return current;
    if (isTerminal(status))
      throw invalidState(current, "Only one that has not ended can be cancelled.");
    const changed = await write(current);
    if (changed.kind === "done") return changed.message;
    if (!changed.current) throw noMessage();
    current = changed.current;
  }
  throw new Problem("SYSTEM_ERROR", "The message kept changing. Repeating the request is safe.");
};
