import type { Chance } from "../../adapters/chance.ts";
import { limits } from "../../domain/limits.ts";
import { isTerminal, type LastOutcome, type Message } from "../../domain/message.ts";
import { type ReplayAsked, replayOf } from "../../domain/replay.ts";
import { timesOf } from "../../domain/took.ts";
import type { ActionStore } from "../../entities/action.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { putOnQueueIfNear } from "../put-on-queue.ts";
import { invalidState, noMessage } from "./invalid-state.ts";
import type { SendNowDeps } from "./send-now.ts";

export type ReplayDeps = SendNowDeps & {
  readonly payloads: PayloadStore;
  readonly attempts: AttemptStore;
  readonly actions: ActionStore;
  readonly chance: Chance;
};

/**
 * Gives an ended message a new round of attempts, and sends it. Resolves to the message as it then
 * is. Throws INVALID_STATE if it has not ended, if another replay was faster, if its content is
 * gone or was erased, or after `replaysMax` replays.
 *
 * What must outlive the message is kept for longer first: a crash in between leaves an ended
 * message whose payload, attempts and actions stay a little longer. A crash after the write leaves a
 * PENDING message that is due: the dispatcher sends its record.
 */
export const replayMessage = async (
  deps: ReplayDeps,
  message: Message,
  asked: ReplayAsked = {},
): Promise<Message> => {
  const { messages, clock, chance, graceMs } = deps;
  if (message.erasedAt !== undefined) throw erased(message);
  if (!isTerminal(message.status))
    throw invalidState(message, "Only one that has ended can be replayed.");
  if (message.replays >= limits.replaysMax)
    throw invalidState(
      message,
      `It was replayed ${limits.replaysMax} times, which is the maximum.`,
    );
  const now = clock();
  const set = replayOf(message, asked, { now, graceMs, owner: chance.token() });
  await keepContent(deps, message, set.ttl);
  await Promise.all([keepAttempts(deps, message, set.ttl), keepActions(deps, message, set.ttl)]);

  const replayed = await messages.replay(message, { now, seen: message, set });
  if (replayed.kind === "done") return putOnQueueIfNear(deps, replayed.message);
  if (!replayed.current) throw noMessage();
  if (replayed.current.erasedAt !== undefined) throw erased(replayed.current);
  throw invalidState(replayed.current, "It changed while the request was made.");
};

const erased = (message: Message) => invalidState(message, "Its content was erased.");

const keepContent = async (
  { payloads }: ReplayDeps,
  message: Message,
  ttl: number,
): Promise<void> => {
  if (message.payload && !(await payloads.keepUntil(message, ttl)))
    throw invalidState(message, "Its headers and body are no longer stored.");
};

const keepActions = async (
  { actions }: ReplayDeps,
  message: Message,
  ttl: number,
): Promise<void> => {
  const stored = await actions.of(message);
  await Promise.all(
    stored.filter((entry) => entry.ttl < ttl).map((entry) => actions.keepUntil(entry, ttl)),
  );
};

/** An older version has kept no times of what was delivered. */
const timesOfLast = ({ at, took }: LastOutcome) => {
  const { durationMs = 0, timings } = timesOf(took);
  return { startedAt: at - durationMs, durationMs, ...(timings && { timings }) };
};

const keepAttempts = async (
  { attempts }: ReplayDeps,
  message: Message,
  ttl: number,
): Promise<void> => {
  const { senderId, messageId, submitId, lastOutcome: last } = message;
  const stored = await attempts.of(message);
  await Promise.all(stored.map((attempt) => attempts.keepUntil(attempt, ttl)));
  const isStored = stored.some(({ number }) => number === last?.attempt);
  if (last?.class !== "accepted" || isStored) return;
  // The message keeps the outcome of its latest attempt only. Without this the delivered one would
  // be shown as unknown once the replay has an outcome of its own.
  await attempts.record({
    ...{ senderId, messageId, submitId, ttl },
    ...{ number: last.attempt, class: last.class, ...timesOfLast(last) },
    ...(last.status !== undefined && { status: last.status }),
  });
};
