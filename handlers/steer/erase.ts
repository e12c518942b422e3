import type { Clock } from "../../adapters/clock.ts";
import { isTerminal, type Message } from "../../domain/message.ts";
import { Problem } from "../../domain/problem.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { invalidState, noMessage } from "./invalid-state.ts";

export type EraseDeps = {
  readonly messages: MessageStore;
  readonly payloads: PayloadStore;
  readonly attempts: AttemptStore;
  readonly clock: Clock;
};

/** A payload is stored again by a repeated submit, or kept for longer by a replay that is refused. */
const triesMax = 8;

/**
 * Removes headers, body and the responses of targets from an ended message. Resolves to what is
 * left, by which a repeat of its submit is still known. Throws INVALID_STATE if the message has not
 * ended.
 *
 * The mark comes first: from then on the message cannot be replayed, so no half of it is ever sent.
 * A crash after the mark leaves content that nobody is shown. To erase again removes it, and does
 * nothing else.
 */
export const eraseMessage = async (deps: EraseDeps, message: Message): Promise<Message> => {
  const erased = message.erasedAt === undefined ? await mark(deps, message) : message;
  await Promise.all([erasePayloads(deps, erased), deps.attempts.eraseResponses(erased)]);
  return erased;
};

const mark = async ({ messages, clock }: EraseDeps, message: Message): Promise<Message> => {
  if (!isTerminal(message.status))
    throw invalidState(message, "Only one that has ended can be erased: cancel it first.");
  const now = clock();
  const marked = await messages.erase(message, { now, set: { erasedAt: now, payload: true } });
  if (marked.kind === "done") return marked.message;
  const { current } = marked;
  if (!current) throw noMessage();
  // By another request, or by this one: the SDK repeats a write whose answer was lost.
  if (current.erasedAt !== undefined) return current;
  throw invalidState(current, "It changed while the request was made.");
};

/** Removes the payloads, unless another message has taken the id meanwhile: it may be theirs. */
const erasePayloads = async (
  { messages, payloads, clock }: EraseDeps,
  message: Message,
): Promise<void> => {
  for (let tries = 0; tries < triesMax; tries += 1) {
    if (await payloads.erase(message)) return;
    const current = await messages.get(message, clock());
    if (current?.submitId !== message.submitId) return;
  }
  throw new Problem("SYSTEM_ERROR", "The content kept changing. Repeating the request is safe.");
};
