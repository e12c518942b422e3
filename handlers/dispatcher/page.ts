import { type InTurn, inTurn } from "../../adapters/in-turn.ts";
import { isOverload } from "../../adapters/overload.ts";
import { type Act, decideAct } from "../../domain/dispatch.ts";
import { limits } from "../../domain/limits.ts";
import type { Message, MessageKey } from "../../domain/message.ts";
import { judgeDue } from "../../domain/quarantine.ts";
import { nextRecord } from "../../domain/record.ts";
import { factsOf } from "../../domain/retry.ts";
import { delaySeconds } from "../../domain/schedule.ts";
import type { DueItem } from "../../entities/due-items.ts";
import { isJobItem } from "../../entities/job.ts";
import { collectTransitions } from "../transitions.ts";
import { actOn, type DispatchDeps, markSent, type Sendable } from "./act.ts";
import { namesOf, quarantine } from "./quarantine.ts";

/** One message of a page: the decision, and the changes of state that it led to. */
type Task = {
  readonly message: Message;
  readonly act: Act;
  readonly transitions: ReturnType<typeof collectTransitions>;
};
type Sending = { readonly task: Task; readonly sendable: Sendable };

/** A page at work. Its writes and sends wait for their turn. */
type Page = DispatchDeps & {
  /** When the dispatcher began to read the page. */
  readonly startedAt: number;
  readonly take: InTurn;
  readonly onOverload: () => void;
};

const taskOf = (
  { clock, chance, clockMarginMs, scheduleMs }: DispatchDeps,
  message: Message,
): Task => {
  const facts = factsOf(message, { scheduleMs, now: clock(), random: chance.random() });
  return {
    message,
    act: decideAct(message, facts, clockMarginMs),
    transitions: collectTransitions(),
  };
};

/** The names of an item in the log. */
type Named = Readonly<Record<string, unknown>>;
const idsOf = ({ senderId, messageId }: MessageKey): Named => ({ senderId, messageId });

/**
 * Runs an effect on some messages. A failure is logged, leaves them due, and does not stop the
 * others.
 */
const independently = async <Result>(
  { log, metrics, take, onOverload }: Page,
  named: readonly Named[],
  effect: () => Promise<Result>,
): Promise<Result | undefined> => {
  try {
    return await take(effect);
  } catch (error) {
    for (const names of named) log.failure("not dispatched", error, names);
    metrics.count("SystemErrors", named.length);
    if (isOverload(error)) onOverload();
    return undefined;
  }
};

/** Sends the records of one call. Only messages whose record the queue took are marked. */
const sendAndMark = async (page: Page, sendings: readonly Sending[]): Promise<void> => {
  const { clock, queue, messages, metrics } = page;
  const now = clock();
  const sendables = sendings.map(({ sendable }) => sendable);
  const sent = await independently(page, sendables.map(idsOf), () =>
    queue.sendAll(
      sendables.map((sendable) => ({
        record: nextRecord(sendable),
        delaySeconds: delaySeconds(sendable.notBefore, now),
      })),
    ),
  );
  const taken = sendings.filter((_, index) => sent?.[index]);
  // The queue refuses single records of a call when it is overloaded.
  if (taken.length < sendings.length) page.onOverload();
  metrics.count("MessagesDispatched", taken.length);
  // A crash before a mark leaves a message that is due, with a record: the next run sends another.
  await Promise.all(
    taken.map(({ task, sendable }) =>
      independently(page, [idsOf(sendable)], () =>
        markSent(messages.observedBy(task.transitions.on), page, sendable),
      ),
    ),
  );
};

const batchesOf = (sendings: readonly Sending[]): readonly (readonly Sending[])[] => {
  const size = limits.queueBatchMax;
  return Array.from({ length: Math.ceil(sendings.length / size) }, (_, index) =>
    sendings.slice(index * size, (index + 1) * size),
  );
};

const dispatchMessages = async (page: Page, messages: readonly Message[]): Promise<void> => {
  const tasks = messages.map((message) => taskOf(page, message));
  const sendables = await Promise.all(
    tasks.map(({ message, act, transitions }) =>
      independently(page, [idsOf(message)], () =>
        actOn(page.messages.observedBy(transitions.on), page, message, act),
      ),
    ),
  );
  const sendings = tasks.flatMap((task, index) => {
    const sendable = sendables[index];
    return sendable ? [{ task, sendable }] : [];
  });
  await Promise.all(batchesOf(sendings).map((batch) => sendAndMark(page, batch)));
  const durationMs = page.clock() - page.startedAt;
  for (const { message, act, transitions } of tasks) {
    const { senderId, messageId, attempts } = message;
    const line = { senderId, messageId, attempts, act: act.kind, transitions: transitions.steps };
    page.log.line({ event: "dispatch", ...line, durationMs });
    if (act.kind.startsWith("release")) page.metrics.count("LeasesReleased");
  }
};

/** Puts items that cannot be handled in quarantine, and acts on the others. */
const dispatchAll = async (page: Page, items: readonly DueItem[]): Promise<void> => {
  const facts = { now: page.clock(), clockMarginMs: page.clockMarginMs };
  const judged = items.map((item) => ({ item, is: judgeDue(item, facts) }));
  const messages = judged.flatMap(({ is }) => (is.kind === "sound" ? [is.message] : []));
  await Promise.all([
    dispatchMessages(page, messages),
    ...judged.map(({ item, is }) =>
      is.kind === "bad"
        ? independently(page, [namesOf(item)], () => quarantine(page, item, is))
        : undefined,
    ),
  ]);
};

/** The result of a page: whether the table or the queue was overloaded. */
export type Dispatched = { readonly isOverloaded: boolean };

/**
 * Creates a function that handles a page of due items, which a run began to read at `startedAt`. All
 * pages of the run share one limit of concurrent writes and sends. `onJob` is called for each job
 * that is due, and not waited for: messages come first.
 */
export const pageDispatcher = (
  deps: DispatchDeps,
  onJob: (item: DueItem) => void,
): ((items: readonly DueItem[], startedAt: number) => Promise<Dispatched>) => {
  const take = inTurn(limits.dispatchCallsMax);
  return async (items, startedAt) => {
    let isOverloaded = false;
    const onOverload = (): void => {
      isOverloaded = true;
    };
    const jobs = items.filter(({ fields }) => isJobItem(fields));
    for (const job of jobs) onJob(job);
    const others = items.filter((item) => !jobs.includes(item));
    await dispatchAll({ ...deps, take, startedAt, onOverload }, others);
    return { isOverloaded };
  };
};
