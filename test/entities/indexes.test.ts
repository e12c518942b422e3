import { beforeAll, describe, expect, test } from "@jest/globals";
import type { ChangeVerb } from "../../domain/lifecycle.ts";
import { changeVerbs, lifecycle, type Row } from "../../domain/lifecycle.ts";
import { isTerminal, type Message, type MessageKey, type Status } from "../../domain/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import { actorsOn, done } from "../support/actors.ts";
import { hourMs, minuteMs, secondMs, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;

beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

const claimed = async () => done(await actors.claim(await actors.submit(), t0));

/** How a message comes into each state. */
const arrivals: Readonly<Record<Status, () => Promise<Message>>> = {
  PENDING: () => actors.submit(),
  QUEUED: async () => done(await actors.enqueue(await actors.submit(), t0)),
  PROCESSING: claimed,
  COMPLETED: async () => done(await actors.complete(await claimed(), t0 + secondMs)),
  FAILED: async () => done(await actors.fail(await claimed(), t0 + secondMs)),
  CANCELLED: async () => done(await actors.cancel(await actors.submit(), t0 + secondMs)),
};

const now = t0 + hourMs;
const later = now + minuteMs;
const moves: Readonly<Record<ChangeVerb, (message: Message) => Promise<unknown>>> = {
  enqueue: (message) => actors.enqueue(message, now, later),
  rollback: (message) => actors.rollback(message, now),
  claim: (message) => actors.claim(message, now),
  claimAndReschedule: (message) => actors.claimAndReschedule(message, now),
  complete: (message) => actors.complete(message, now),
  retry: (message) => actors.retry(message, now, later),
  fail: (message) => actors.fail(message, now),
  abandon: async (message) => actors.abandon(done(await actors.requestCancel(message, t0)), now),
  release: (message) => actors.release(message, now, later),
  releaseAsFailed: (message) => actors.releaseAsFailed(message, now),
  releaseAsCancelled: async (message) =>
    actors.releaseAsCancelled(done(await actors.requestCancel(message, t0)), now),
  requestCancel: (message) => actors.requestCancel(message, now),
  cancel: (message) => actors.cancel(message, now),
  sendNow: (message) => actors.sendNow(message, now),
  postpone: (message) => actors.postpone(message, now, later),
  replay: (message) => actors.replay(message, now),
  erase: (message) => actors.erase(message, now),
};

const isIn = async (index: "due" | "failed", { messageId }: MessageKey): Promise<boolean> =>
  (await table.scan(index)).some((entry) => String(entry["pk"]).endsWith(`_${messageId}`));

describe("the indexes", () => {
  const steps = changeVerbs.flatMap((verb) => {
    const row: Row = lifecycle[verb];
    return row.from.map((from) => ({ verb, from, to: row.to === "same" ? from : row.to }));
  });

  test.each(steps)(
    "a $from message after $verb, now $to, is in the indexes of its state",
    async ({ verb, from, to }) => {
      const message = await arrivals[from]();

      await moves[verb](message);

      expect(await messages.get(message, t0)).toMatchObject({ status: to });
      expect(await isIn("due", message)).toBe(!isTerminal(to));
      expect(await isIn("failed", message)).toBe(to === "FAILED");
    },
  );

  test("have no entry of all messages for one that is stored unlisted, whatever happens to it", async () => {
    const message = await actors.submit({ unlisted: true });
    const entries = async (index: "bySender" | "failed") =>
      (await table.scan(index)).filter(({ pk }) => String(pk).endsWith(`_${message.messageId}`));

    done(await actors.fail(done(await actors.claim(message, t0)), t0 + secondMs));
    expect(await entries("failed")).toHaveLength(1);
    expect(await entries("bySender")).toEqual([]);
    await actors.replay(message, now);

    const item = await table.item(message);
    expect(await entries("bySender")).toEqual([]);
    expect(Object.keys(item ?? {}).filter((name) => name.startsWith("bySender"))).toEqual([]);
    expect(await messages.get(message, t0)).toMatchObject({ status: "PENDING", unlisted: true });
  });

  test("hold nothing but keys", async () => {
    await arrivals.FAILED();

    const [bySender] = await table.scan("bySender");
    const [due] = await table.scan("due");
    const [failed] = await table.scan("failed");
    const keys = ["pk", "sk"];
    expect(Object.keys(bySender ?? {}).sort()).toEqual(["bySenderPk", "bySenderSk", ...keys]);
    expect(Object.keys(due ?? {}).sort()).toEqual(["dueAt", "dueShard", ...keys]);
    expect(Object.keys(failed ?? {}).sort()).toEqual(["failedAt", "failedShard", ...keys]);
  });
});

describe("the due query", () => {
  test("pages through all that is due, each once, the longest due first", async () => {
    const dueShard = "paged";
    const ats = [7, 3, 9, 1, 5, 2, 8, 4, 6, 0].map((minute) => t0 + minute * minuteMs);
    const stored = await Promise.all(ats.map((dueAt) => actors.submit({ dueShard, dueAt })));

    const pages: (readonly MessageKey[])[] = [];
    let cursor: string | null = null;
    do {
      const page = await messages.due({ dueShard, now: t0 + 9 * minuteMs, limit: 4, cursor });
      pages.push(page.items.flatMap(({ ids }) => ids ?? []));
      ({ cursor } = page);
    } while (cursor !== null);

    const inOrder = stored.toSorted((a, b) => Number(a.dueAt) - Number(b.dueAt));
    expect(pages.every((page) => page.length <= 4)).toBe(true);
    expect(pages.flat()).toEqual(
      inOrder.map(({ senderId, messageId }) => ({ senderId, messageId })),
    );
  });

  test("finds what is due now, not what is due a millisecond later, nor another shard's", async () => {
    const dueNow = await actors.submit({ dueShard: "timely", dueAt: t0 });
    await actors.submit({ dueShard: "timely", dueAt: t0 + 1 });
    await actors.submit({ dueShard: "other", dueAt: t0 });

    const page = await messages.due({ dueShard: "timely", now: t0, limit: 10, cursor: null });

    expect(page.items.map(({ ids }) => ids?.messageId)).toEqual([dueNow.messageId]);
  });

  test("a shard without due messages has one empty page", async () => {
    const page = await messages.due({ dueShard: "idle", now: t0, limit: 10, cursor: null });

    expect(page).toEqual({ items: [], cursor: null, unread: 0 });
  });
});
