import { beforeEach, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import { messageEntity } from "../../entities/described/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import type { Storage } from "../../entities/storage.ts";
import { openQueues } from "../../local/queues.ts";
import { requeueUnfinished } from "../../local/requeue.ts";
import { actorsOn, done } from "../support/actors.ts";
import { aMessageId, dayMs, graceMs, minuteMs, t0 } from "../support/messages.ts";
import { openTable } from "../support/table.ts";

let storage: Storage;
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;
let cleanUp = (): Promise<void> => Promise.resolve();
// Each test has a table of its own: it is about all that is in it.
beforeEach(async () => {
  await cleanUp();
  const table = await openTable();
  cleanUp = table.close;
  storage = table.storage;
  messages = messageStore(storage);
  actors = actorsOn(messages);
});

const never = new AbortController().signal;

/** The start of a process whose queue is empty, at `now`, and what is on the queue afterwards. */
const startAt = async (
  now: number,
  more: Partial<Parameters<typeof requeueUnfinished>[0]> = {},
  signal: AbortSignal = never,
) => {
  const { queue, records } = openQueues({ clock: () => time, visibilityMs: dayMs, receivesMax: 5 });
  let time = now;
  const errors: unknown[] = [];
  const deps = { messages, queue, readyCount: records.readyCount, clock: () => now };
  const count = await requeueUnfinished(
    {
      ...{ ...deps, clockMarginMs: 0, shards: 1 },
      onError: (error) => errors.push(error),
      ...more,
    },
    signal,
  );
  const receiveAt = async (at: number) => {
    time = at;
    const { Records } = await records.receive(AbortSignal.abort());
    return Records.map(({ body }) => JSON.parse(body));
  };
  return { count, errors, receiveAt };
};

const recordOf = ({ senderId, messageId, attempts }: Message) => ({
  ...{ v: 1, senderId, messageId },
  attempt: attempts + 1,
});
const queued = async (overrides: Partial<Message> = {}) =>
  done(await actors.enqueue(await actors.submit(overrides), t0));

test("a queued message of the process before is sent again at once, long before it is due", async () => {
  const message = await queued({ dueAt: t0 + dayMs });

  const { receiveAt } = await startAt(t0 + 1);

  expect(await receiveAt(t0 + 1)).toEqual([recordOf(message)]);
});

test("one that waits for its retry comes when its wait is over", async () => {
  const notBefore = t0 + 10 * minuteMs;
  const message = await queued({ notBefore, dueAt: notBefore + graceMs });

  const { receiveAt } = await startAt(t0);

  expect(await receiveAt(notBefore - 1)).toEqual([]);
  expect(await receiveAt(notBefore)).toEqual([recordOf(message)]);
});

test("one that was stored and never sent is sent, whenever the dispatcher would", async () => {
  const message = await actors.submit();

  const { receiveAt } = await startAt(t0 + 1);

  expect(await receiveAt(t0 + 1)).toEqual([recordOf(message)]);
});

test("what is far ahead, held by somebody, or over is left alone", async () => {
  const notBefore = t0 + dayMs;
  await actors.submit({ notBefore, dueAt: notBefore - 2 * minuteMs });
  await actors.claim(await actors.submit(), t0);
  await actors.cancel(await actors.submit(), t0);

  expect((await startAt(t0 + 1)).count).toBe(0);
});

test("it writes nothing, so that the dispatcher looks after each message as before", async () => {
  const [pending, waiting] = [await actors.submit(), await queued()];

  await startAt(t0 + 1);

  expect(await messages.get(pending, t0)).toEqual(pending);
  expect(await messages.get(waiting, t0)).toEqual(waiting);
});

test("all pages are read, one more time where a read failed", async () => {
  const all = Array.from({ length: 101 }, aMessageId);
  await Promise.all(all.map((messageId) => queued({ messageId })));
  let reads = 0;
  const due: MessageStore["due"] = (ask) => {
    reads += 1;
    return reads === 2 ? Promise.reject(new Error("no")) : messages.due(ask);
  };

  const { count, errors } = await startAt(t0 + 1, {
    ...{ messages: { due }, pauseFor: () => Promise.resolve() },
  });

  expect([count, reads, errors]).toEqual([101, 3, [new Error("no")]]);
});

test("an item that cannot be handled keeps no other from being sent", async () => {
  const bad = await queued({ dueAt: t0 + 1 });
  const message = await queued({ dueAt: t0 + 2 });
  await messageEntity(storage)
    .patch({ senderId: bad.senderId, messageId: bad.messageId })
    .remove(["notBefore"])
    .go();

  const { count, errors, receiveAt } = await startAt(t0 + 1);

  expect([count, errors]).toEqual([1, []]);
  expect(await receiveAt(t0 + 1)).toEqual([recordOf(message)]);
});

test("it reads no further once it is stopped", async () => {
  await queued();

  expect((await startAt(t0 + 1, {}, AbortSignal.abort())).count).toBe(0);
});

test("it reads no further while many records wait", async () => {
  await queued();
  let ready = 10_000;
  const pausesMs: number[] = [];

  const { count } = await startAt(t0 + 1, {
    readyCount: () => ready,
    pauseFor: async (ms) => {
      pausesMs.push(ms);
      ready -= 1;
    },
  });

  expect([count, pausesMs]).toEqual([1, [100]]);
});
