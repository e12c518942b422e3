import { type Act, decide } from "../../domain/dispatch.ts";
import type { Message, MessageKey } from "../../domain/message.ts";
import { nextRecord } from "../../domain/record.ts";
import { factsOf } from "../../domain/retry.ts";
import { delaySeconds } from "../../domain/schedule.ts";
import { collectTransitions } from "../transitions.ts";
import { actOn, type DispatchDeps, markSent, type Sendable } from "./act.ts";

/**
 * The dispatcher: one run looks after every message that is due. It recovers from crashes, and
 * serves long waits and scheduled deliveries. Two runs at once do no harm.
 */
export type Dispatcher = (
  event: unknown,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<void>;

const pageSize = 100;
/** A run is bounded; what it leaves is still due, and so is the next one's. */
const pagesPerShardMax = 20;
const stopBeforeMs = 5000;

/** One message of a run: what was decided, and the changes of state that came of it. */
type Task = {
  readonly message: Message;
  readonly act: Act;
  readonly transitions: ReturnType<typeof collectTransitions>;
};

const taskOf = (
  { clock, chance, clockMarginMs, scheduleMs }: DispatchDeps,
  message: Message,
): Task => {
  const facts = factsOf(message, { scheduleMs, now: clock(), random: chance.random() });
  return {
    message,
    act: decide(message, facts, clockMarginMs),
    transitions: collectTransitions(),
  };
};

/** What fails with one message holds up none of the others; it stays due. */
const alone = async <Result>(
  { log, metrics }: DispatchDeps,
  { senderId, messageId }: MessageKey,
  effect: () => Promise<Result>,
): Promise<Result | undefined> => {
  try {
    return await effect();
  } catch (error) {
    log.failure("not dispatched", error, { senderId, messageId });
    metrics.count("SystemErrors");
    return undefined;
  }
};

/** Sends the records of a page in as few calls as can be; only those that were taken are marked. */
const sendAndMark = async (
  deps: DispatchDeps,
  sendings: readonly { readonly task: Task; readonly sendable: Sendable }[],
): Promise<void> => {
  const now = deps.clock();
  const sent = await deps.queue.sendAll(
    sendings.map(({ sendable }) => ({
      record: nextRecord(sendable),
      delaySeconds: delaySeconds(sendable.notBefore, now),
    })),
  );
  const taken = sendings.filter((_, index) => sent[index]);
  deps.metrics.count("MessagesDispatched", taken.length);
  await Promise.all(
    taken.map(({ task, sendable }) =>
      alone(deps, sendable, () =>
        markSent(deps.messages.observedBy(task.transitions.on), deps, sendable),
      ),
    ),
  );
};

const dispatchPage = async (deps: DispatchDeps, messages: readonly Message[]): Promise<void> => {
  const tasks = messages.map((message) => taskOf(deps, message));
  const sendables = await Promise.all(
    tasks.map(({ message, act, transitions }) =>
      alone(deps, message, () =>
        actOn(deps.messages.observedBy(transitions.on), deps, message, act),
      ),
    ),
  );
  const sendings = tasks.flatMap((task, index) => {
    const sendable = sendables[index];
    return sendable ? [{ task, sendable }] : [];
  });
  try {
    if (sendings.length > 0) await sendAndMark(deps, sendings);
  } finally {
    for (const { message, act, transitions } of tasks) {
      const { senderId, messageId, attempts } = message;
      const line = { senderId, messageId, attempts, act: act.kind, transitions: transitions.steps };
      deps.log.line({ event: "dispatch", ...line });
      if (act.kind.startsWith("release")) deps.metrics.count("LeasesReleased");
    }
  }
};

/** Looks after one shard; for how long the oldest message that was due had been so. */
const dispatchShard = async (
  deps: DispatchDeps,
  dueShard: string,
  remainingMs: () => number,
): Promise<number> => {
  const { messages, clock } = deps;
  let oldestMs = 0;
  let cursor: string | null = null;
  for (let page = 0; page < pagesPerShardMax && remainingMs() > stopBeforeMs; page += 1) {
    const now = clock();
    const due = await messages.due({ dueShard, now, limit: pageSize, cursor });
    // The index is a hint: what is acted upon is the message as the base table has it.
    const found = await messages.getAll(due.keys, now);
    oldestMs = Math.max(oldestMs, ...found.map(({ dueAt = now }) => now - dueAt));
    await dispatchPage(deps, found);
    if (due.cursor === null) return oldestMs;
    cursor = due.cursor;
  }
  return oldestMs;
};

export const dispatcher =
  (deps: DispatchDeps): Dispatcher =>
  async (_event, context) => {
    const shards = Array.from({ length: deps.shards }, (_, shard) => String(shard));
    const runs = await Promise.allSettled(
      shards.map((shard) => dispatchShard(deps, shard, () => context.getRemainingTimeInMillis())),
    );
    const ages = runs.flatMap((run) => (run.status === "fulfilled" ? [run.value] : []));
    deps.metrics.milliseconds("OldestDueAge", Math.max(0, ...ages));
    deps.metrics.flush();
    const errors = runs.flatMap((run) => (run.status === "rejected" ? [run.reason] : []));
    // Everything else has been looked after; the invocation still counts as failed.
    for (const error of errors) deps.log.failure("shard not dispatched", error);
    if (errors.length > 0) throw new AggregateError(errors, "Shards could not be dispatched");
  };
