import { type AttributeValue, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import { type DueItem, type MessageStore, messageStore } from "../../entities/index.ts";
import { actorsOn, done } from "../support/actors.ts";
import { losingAnswers } from "../support/lost-answers.ts";
import { graceMs, hourMs, minuteMs, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

type Item = Record<string, AttributeValue>;

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;
beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

let shards = 0;
/** A shard that nobody else has: what is due there is what one test has put there. */
const aShard = (): string => {
  shards += 1;
  return `shard-${shards}`;
};
const now = t0 + graceMs;
const dueIn = async (dueShard: string, from = messages): Promise<readonly DueItem[]> =>
  (await from.due({ dueShard, now, limit: 100, cursor: null })).items;

/** A message with something about it that no code of ours has written. */
const aBad = async (change: Item, overrides: Partial<Message> = {}) => {
  const dueShard = aShard();
  const message = await actors.submit({ dueShard, ...overrides });
  const [item] = await dueIn(dueShard);
  if (!item) throw new Error("The message is not due");
  await put({ ...item.raw, ...change });
  const [bad] = await dueIn(dueShard);
  if (!bad) throw new Error("The item is not due");
  return { message, bad, dueShard };
};
const put = (Item: Item) =>
  table.storage.client.send(new PutItemCommand({ TableName: table.storage.table, Item }));

const later = { now, dueAt: now + 6 * hourMs };

describe("What is due", () => {
  test("is read from the base table, with the ids of its key, the longest due first", async () => {
    const dueShard = aShard();
    const second = await actors.submit({ dueShard, dueAt: t0 + 2 });
    const first = await actors.submit({ dueShard, dueAt: t0 + 1 });

    const items = await dueIn(dueShard);

    expect(items.map(({ message }) => message)).toEqual([first, second]);
    expect(items[0]).toMatchObject({
      ids: { senderId: first.senderId, messageId: first.messageId },
      fields: { status: "PENDING", dueAt: t0 + 1 },
    });
  });

  test.each<[string, Item]>([
    ["a last outcome that is a text", { lastOutcome: { S: "503" } }],
    ["headers that are a number", { headers: { N: "7" } }],
    ["a status of a newer version", { status: { S: "PAUSED" } }],
    ["an attribute of a type that nothing here has", { notBefore: { NS: ["1", "2"] } }],
  ])("is read although it has %s, and the others with it", async (_what, change) => {
    const { dueShard, message } = await aBad(change);
    const healthy = await actors.submit({ dueShard });

    const items = await dueIn(dueShard);

    expect(items.map(({ ids }) => ids?.messageId).sort()).toEqual(
      [message.messageId, healthy.messageId].sort(),
    );
    expect(items.flatMap(({ message: read }) => read ?? [])).toContainEqual(healthy);
  });

  test.each<[string, Item]>([
    ["an item of another kind", { pk: { S: "$postrider#x_1" }, sk: { S: "$other_1" } }],
    ["an item with a key of no kind", { pk: { S: "by hand" }, sk: { S: "-" } }],
    ["a payload", { sk: { S: "$history#payload_1#fingerprint_abc" } }],
  ])("may be %s, which has no ids of a message", async (_what, change) => {
    const { dueShard } = await aBad(change);

    const items = await dueIn(dueShard);

    expect(items.map(({ ids }) => ids !== undefined).sort()).toEqual([false, true]);
  });

  test("may be an item without a mark of its kind: it is known as none of ours", async () => {
    const { bad } = await aBad({ __edb_e__: { S: "parcel" } });

    expect(bad.message).toBeUndefined();
  });

  test("is without what the index has and the table has not, or leaves for later", async () => {
    const dueShard = aShard();
    await actors.submit({ dueShard });
    const behind = table.through({});
    behind.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          const nothing = { Responses: { [table.storage.table]: [] }, UnprocessedKeys: {} };
          if (commandName === "BatchGetItemCommand") Object.assign(result.output, nothing);
          return result;
        },
      { step: "initialize", name: "behind" },
    );

    expect(await dueIn(dueShard, messageStore(behind))).toEqual([]);
  });

  test("may be in the index twice while it moves: it is read once", async () => {
    const dueShard = aShard();
    await actors.submit({ dueShard });
    const doubling = table.through({});
    doubling.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          const { Items = [] } = result.output as { readonly Items?: readonly Item[] };
          if (commandName === "QueryCommand")
            Object.assign(result.output, { Items: [...Items, ...Items] });
          return result;
        },
      { step: "initialize", name: "doubling" },
    );

    expect(await dueIn(dueShard, messageStore(doubling))).toHaveLength(1);
  });
});

describe("Quarantine", () => {
  test("moves the next look, marks the item, and leaves all else of it as it was", async () => {
    const { bad, message, dueShard } = await aBad({
      status: { S: "PAUSED" },
      priority: { M: { level: { N: "7" } } },
    });

    expect(await messages.quarantine(bad, later)).toBe(true);

    const moved = { dueAt: later.dueAt, quarantinedAt: now };
    expect(await table.item(message)).toEqual({ ...bad.fields, ...moved });
    expect(await dueIn(dueShard)).toEqual([]);
  });

  test.each<[string, Item]>([
    ["a list", { scheduleMs: { L: [{ N: "1000" }] } }],
    ["a map", { notBefore: { M: { at: { N: "1" } } } }],
    ["a set", { leaseUntil: { NS: ["1", "2"] } }],
    ["nothing", { giveUpAt: { NULL: true } }],
    ["a boolean", { attempts: { BOOL: true } }],
  ])("moves an item that has %s among what it is judged by", async (_what, change) => {
    const { bad, dueShard } = await aBad(change);

    expect(await messages.quarantine(bad, later)).toBe(true);

    expect(await dueIn(dueShard)).toEqual([]);
  });

  test("an item whose key is not a message's is moved, and no other item is created", async () => {
    const dueShard = aShard();
    const [pk, sk] = [{ S: "by hand" }, { S: "-" }];
    await put({ pk, sk, dueShard: { S: dueShard }, dueAt: { N: String(t0) } });
    const [bad] = await dueIn(dueShard);

    expect(bad && (await messages.quarantine(bad, later))).toBe(true);

    const found = (await table.scan()).filter((item) => item["dueShard"] === dueShard);
    expect(found).toEqual([
      { pk: "by hand", sk: "-", dueShard, dueAt: later.dueAt, quarantinedAt: now },
    ]);
  });

  test.each<[string, Item]>([
    ["the status", { status: { S: "PENDING" } }],
    ["the next look", { dueAt: { N: String(t0 + 1) } }],
    ["the number of attempts", { attempts: { N: "3" } }],
    ["the lease", { leaseUntil: { N: String(t0) } }],
    ["the time that was missing", { notBefore: { N: String(t0) } }],
  ])("leaves an item alone of which somebody has meanwhile mended %s", async (_what, mended) => {
    const { bad, message } = await aBad({ status: { S: "PAUSED" } }, { notBefore: undefined });
    await put({ ...bad.raw, ...mended });
    const before = await table.item(message);

    expect(await messages.quarantine(bad, later)).toBe(false);

    expect(await table.item(message)).toEqual(before);
  });

  test("makes no item where it is gone by now", async () => {
    const { bad, message } = await aBad({ status: { S: "PAUSED" } });
    const elsewhere = { ...bad, raw: { ...bad.raw, pk: { S: "gone" } } };

    expect(await messages.quarantine(elsewhere, later)).toBe(false);

    expect(await table.item(message)).toEqual(bad.fields);
    expect((await table.scan()).filter(({ pk }) => pk === "gone")).toEqual([]);
  });

  test("two concurrent dispatchers quarantine an item once", async () => {
    const { bad } = await aBad({ status: { S: "PAUSED" } });

    const done = await Promise.all([
      messages.quarantine(bad, later),
      messages.quarantine(bad, { now: now + 1, dueAt: later.dueAt + 1 }),
    ]);

    expect(done.filter((each) => each)).toHaveLength(1);
  });

  test("a write whose answer was lost is recognized", async () => {
    const { bad } = await aBad({ status: { S: "PAUSED" } });
    const { over, requests } = losingAnswers("UpdateItem");

    const done = await messageStore(over(table)).quarantine(bad, later);

    expect([done, requests()]).toEqual([true, 2]);
  });

  test("ends with the first change of the message: the mark is removed", async () => {
    const { bad, message } = await aBad({ attempts: { N: "0" } });
    await messages.quarantine(bad, later);
    expect(await messages.get(message, now)).toMatchObject({ quarantinedAt: now });

    const claimed = done(await actors.claimAndReschedule(message, now + minuteMs));

    expect(claimed).not.toHaveProperty("quarantinedAt");
    expect(await messages.get(message, now)).toEqual(claimed);
  });
});
