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
import { collectTransitions } from "../transitions.ts";
import { actOn, type DispatchDeps, markSent, type Sendable } from "./act.ts";
import { namesOf, quarantine } from "./quarantine.ts";

/** One message of a page: what was decided, and the changes of state that came of it. */
type Task = {
  readonly message: Message;
  readonly act: Act;
  readonly transitions: ReturnType<typeof collectTransitions>;
};
type Sending = { readonly task: Task; readonly sendable: Sendable };

/** A page in work: writes and sends wait for their turn. */
type Page = DispatchDeps & {
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

/** What an item is called in the log. */
type Named = Readonly<Record<string, unknown>>;
const idsOf = ({ senderId, messageId }: MessageKey): Named => ({ senderId, messageId });

/** What fails with some messages holds up none of the others; they stay due. */
const alone = async <Result>(
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

/** Sends as many records as one call can take; only those that the queue took are marked. */
const sendAndMark = async (page: Page, sendings: readonly Sending[]): Promise<void> => {
  const { clock, queue, messages, metrics } = page;
  const now = clock();
  const sendables = sendings.map(({ sendable }) => sendable);
  const sent = await alone(page, sendables.map(idsOf), () =>
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
      alone(page, [idsOf(sendable)], () =>
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
      alone(page, [idsOf(message)], () =>
        actOn(page.messages.observedBy(transitions.on), page, message, act),
      ),
    ),
  );
  const sendings = tasks.flatMap((task, index) => {
    const sendable = sendables[index];
    return sendable ? [{ task, sendable }] : [];
  });
  await Promise.all(batchesOf(sendings).map((batch) => sendAndMark(page, batch)));
  for (const { message, act, transitions } of tasks) {
    const { senderId, messageId, attempts } = message;
    const line = { senderId, messageId, attempts, act: act.kind, transitions: transitions.steps };
    page.log.line({ event: "dispatch", ...line });
    if (act.kind.startsWith("release")) page.metrics.count("LeasesReleased");
  }
};

/** What nothing can be done about goes out of the way; the rest of the page is looked after. */
const dispatchAll = async (page: Page, items: readonly DueItem[]): Promise<void> => {
  const facts = { now: page.clock(), clockMarginMs: page.clockMarginMs };
  const judged = items.map((item) => ({ item, is: judgeDue(item, facts) }));
  const messages = judged.flatMap(({ is }) => (is.kind === "sound" ? [is.message] : []));
  await Promise.all([
    dispatchMessages(page, messages),
    ...judged.map(({ item, is }) =>
      is.kind === "bad"
        ? alone(page, [namesOf(item)], () => quarantine(page, item, is))
        : undefined,
    ),
  ]);
};

/** What a page of messages came to: whether the table or the queue could not keep up with it. */
export type Dispatched = { readonly isOverloaded: boolean };

/**
 * Returns what looks after a page of due items for a run. All pages of the run share one bound on the
 * writes and sends that are under way.
 */
export const pageDispatcher = (
  deps: DispatchDeps,
): ((items: readonly DueItem[]) => Promise<Dispatched>) => {
  const take = inTurn(limits.dispatchCallsMax);
  return async (items) => {
    let isOverloaded = false;
    const onOverload = (): void => {
      isOverloaded = true;
    };
    await dispatchAll({ ...deps, take, onOverload }, items);
    return { isOverloaded };
  };
};
