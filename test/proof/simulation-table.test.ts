import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { AnyChange } from "../../domain/change.ts";
import { type ChangeVerb, changeVerbs, lifecycle, type Row } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";
import type { Storage } from "../../entities/storage.ts";
import { tableDescription } from "../../entities/table.ts";
import { carriedClients } from "../../proof/simulation/clients.ts";
import type { Item } from "../../proof/simulation/items.ts";
import { type MemoryTable, memoryTable } from "../../proof/simulation/table.ts";
import { aMessage, t0 } from "../support/messages.ts";
import { openTable, type RawItem, type TestTable } from "../support/table.ts";

/**
 * The simulation is worth as much as its table. So the product's stores are run over the table in
 * memory and over dynalite's server side by side, and must not be able to tell them apart.
 */
let real: TestTable;
let memory: MemoryTable;
let stores: readonly ReturnType<typeof storesOver>[];

const storesOver = (storage: Storage) => ({
  messages: messageStore(storage),
  payloads: payloadStore(storage),
  attempts: attemptStore(storage),
});

beforeAll(async () => {
  real = await openTable();
  const { table } = real.storage;
  memory = memoryTable(table);
  const { table: client } = carriedClients(async ({ operation, input }) =>
    memory.call(operation, { ...input }),
  );
  stores = [storesOver(real.storage), storesOver({ client, table })];
});
afterAll(() => real.close());

type Step = {
  readonly id: "order-1" | "order-2";
  readonly what: ChangeVerb | "submit" | "get" | "quarantine" | "due" | "payload" | "attempt";
  readonly attempts: number;
  readonly at: number;
  readonly isPast: boolean;
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom("order-1", "order-2"),
  what: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...changeVerbs) },
    { weight: 2, arbitrary: fc.constantFrom("submit", "enqueue", "claim", "retry", "complete") },
    {
      weight: 2,
      arbitrary: fc.constantFrom("due", "due", "get", "quarantine", "payload", "attempt"),
    },
  ),
  attempts: fc.integer({ min: 0, max: 2 }),
  at: fc.integer({ min: 0, max: 3 }),
  isPast: fc.boolean(),
});

/** Where every sequence begins. */
const submitted: Step = { id: "order-1", what: "submit", attempts: 0, at: 0, isPast: false };

const secondMs = 1000;
const body = Buffer.from([0, 1, 255]);

/** A value for every field that a verb may write. */
const valuesAt = (now: number): Partial<Message> => ({
  owner: `owner-${now}`,
  leaseUntil: now + 5 * secondMs,
  lastOutcome: { attempt: 1, class: "status", status: 503, at: now },
  notBefore: now,
  dueAt: now + secondMs,
  dueShard: "0",
  failReason: "gone",
  failedShard: "shop#0",
  cancelRequestedAt: now,
  attemptsAllowed: 9,
  attemptsBefore: 1,
  giveUpAt: now + 9 * secondMs,
  ttl: Math.ceil(now / 1000) + 9,
});

const changeOf = (
  row: Row,
  { attempts, at, isPast }: Step,
  seen: Message | undefined,
): AnyChange => {
  const now = t0 + at * secondMs;
  const given = valuesAt(now);
  const limits = row.notAfter.map((field) => [field, isPast ? now + 60 * secondMs : now - 1]);
  const set = [...row.set, ...row.maySet].map((field) => [field, given[field]]);
  return {
    now,
    owner: `owner-${now}`,
    // As it is, or as somebody saw it who is late.
    seen: attempts === 2 ? { ...seen, attempts } : seen,
    notAfter: Object.fromEntries(limits),
    set: Object.fromEntries(set),
  };
};

/** Makes one step over one of the two, and says what the product saw of it. */
const made = async (
  { messages, payloads, attempts }: ReturnType<typeof storesOver>,
  step: Step,
): Promise<unknown> => {
  const key = { senderId: "shop", messageId: step.id };
  const now = t0 + step.at * secondMs;
  const message = aMessage({
    ...key,
    createdAt: now,
    submitId: `submit-${step.at}`,
    dueShard: "0",
    headers: { "x-shop": "one", constructor: "two" },
    ...(step.isPast && { ttl: Math.floor(t0 / 1000) - 1 }),
  });
  switch (step.what) {
    case "submit":
      return messages.submit(message);
    case "get":
      return messages.get(key, now);
    case "quarantine": {
      const page = await messages.due({
        ...{ dueShard: "0", now: now + 3_600_000 },
        ...{ limit: 1, cursor: null },
      });
      const [item] = page.items;
      return item && messages.quarantine(item, { now, dueAt: now + 7_200_000 });
    }
    case "due":
      // Later than all of them are due.
      return messages.due({
        ...{ dueShard: "0", now: now + 3_600_000 },
        ...{ limit: 1 + step.attempts, cursor: null },
      });
    case "payload":
      await payloads.put({ ...message, ttl: message.ttl + step.at }, { headers: {}, body });
      return payloads.get(message);
    case "attempt":
      await attempts.record({
        ...{ ...key, submitId: message.submitId, ttl: message.ttl, number: step.attempts + 1 },
        ...{ startedAt: now, durationMs: 1, timings: { dnsMs: 1 }, class: "status" },
      });
      return attempts.of(message);
    default: {
      const seen = await messages.get(key, 0);
      return messages[step.what](key, changeOf(lifecycle[step.what], step, seen) as never);
    }
  }
};

const sorted = (items: readonly RawItem[]): readonly RawItem[] =>
  [...items].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

const indexNames = Object.keys(
  tableDescription.indexes,
) as (keyof typeof tableDescription.indexes)[];

const expectSameContents = async (): Promise<void> => {
  const keysInOrder = (item: RawItem): RawItem => Object.fromEntries(Object.entries(item).sort());
  expect(sorted(memory.items().map(keysInOrder))).toEqual(
    sorted((await real.scan()).map(keysInOrder)),
  );
  for (const index of indexNames)
    expect(sorted(memory.entries(index).map(keysInOrder))).toEqual(
      sorted((await real.scan(index)).map(keysInOrder)),
    );
};

const empty = async (): Promise<void> => {
  const { client, table } = real.storage;
  for (const item of memory.items()) {
    const Key = { pk: { S: String(item["pk"]) }, sk: { S: String(item["sk"]) } };
    memory.remove(item);
    await client.send(new DeleteItemCommand({ TableName: table, Key }));
  }
};

test("the table in memory and dynalite answer alike and hold the same, whatever the stores do", async () => {
  const verbsDone = new Set<string>();

  await fc.assert(
    fc
      .asyncProperty(fc.array(anyStep, { minLength: 3, maxLength: 8 }), async (steps) => {
        for (const step of [submitted, ...steps]) {
          const [expected, actual] = await Promise.all(stores.map((each) => made(each, step)));
          expect(actual).toEqual(expected);
          if ((actual as { kind?: string } | undefined)?.kind === "done") verbsDone.add(step.what);
          await expectSameContents();
        }
      })
      .afterEach(empty),
    { numRuns: 200, seed: 7 },
  );

  // It is about changes that happen, too, and not only about such as are refused.
  expect([...verbsDone]).toEqual(expect.arrayContaining(["claim", "enqueue", "postpone"]));
});

describe("What is read", () => {
  let now = t0;
  let table: MemoryTable;
  const put = (pk: string, dueAt: string) => {
    now += 1000;
    const Item = { pk: { S: pk }, sk: { S: "m" }, dueShard: { S: "0" }, dueAt: { N: dueAt } };
    table.call("PutItem", { TableName: "postrider", Item });
  };
  const pksIn = ({ body }: { readonly body: object }) =>
    (body as { Items: readonly Item[] }).Items.map(({ pk }) => pk?.["S"]);
  const due = (staleMs: number) => {
    const query = {
      TableName: "postrider",
      IndexName: "due",
      KeyConditionExpression: "dueShard = :shard",
      ExpressionAttributeValues: { ":shard": { S: "0" } },
    };
    return pksIn(table.call("Query", query, { staleMs, isOldItemShown: true }));
  };
  const dueAtOf = (pk: string, staleMs: number, ConsistentRead?: boolean) => {
    const Key = { pk: { S: pk }, sk: { S: "m" } };
    const RequestItems = { postrider: { Keys: [Key], ConsistentRead } };
    const leeway = { staleMs, isOldItemShown: true };
    const one = table.call("GetItem", { TableName: "postrider", Key, ConsistentRead }, leeway);
    const many = table.call("BatchGetItem", { RequestItems }, leeway);
    const query = {
      TableName: "postrider",
      ConsistentRead,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pk } },
    };
    const listed = table.call("Query", query, leeway);
    const items = [
      (one.body as { Item?: Item }).Item,
      ...((many.body as { Responses: Record<string, Item[]> }).Responses["postrider"] ?? []).slice(
        0,
        1,
      ),
      ...(listed.body as { Items: Item[] }).Items,
    ];
    return items.map((item) => item?.["dueAt"]?.["N"]);
  };
  beforeEach(() => {
    table = memoryTable("postrider", undefined, () => now);
  });

  test("of an index is in the order of its keys, whatever was written first, and as it once was", () => {
    put("late", "20");
    put("early", "3");

    expect(due(0)).toEqual(["early", "late"]);
    expect(due(1)).toEqual(["late"]);
    expect(due(1001)).toEqual([]);
  });

  test("of an item may be an old version, or that there is none, but not if it is to be consistent", () => {
    put("one", "1");
    put("one", "2");

    expect(dueAtOf("one", 1)).toEqual(["1", "1", "1"]);
    expect(dueAtOf("one", 5000)).toEqual([undefined]);
    expect(dueAtOf("one", 5000, true)).toEqual(["2", "2", "2"]);
    expect(dueAtOf("one", 0)).toEqual(["2", "2", "2"]);
  });

  test("by a condition is what is there now", () => {
    put("one", "1");

    const { status } = table.call(
      "PutItem",
      {
        TableName: "postrider",
        Item: { pk: { S: "one" }, sk: { S: "m" } },
        ConditionExpression: "attribute_not_exists(pk)",
      },
      { staleMs: 5000, isOldItemShown: true },
    );

    expect(status).toBe(400);
  });
});
