/** Items that no rule can act on: written by hand, by a bug, or by a newer version. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { judgeStored } from "../../domain/audit.ts";
import { storedItems } from "../../entities/stored.ts";
import { awsError } from "../support/faults.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, options, type Service } from "../support/service.ts";

type Item = Record<string, AttributeValue>;

const { graceMs } = options;
const hourMs = 3_600_000;
const minuteMs = 60_000;

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  service = await openService();
  receiver = await openReceiver();
});
afterEach(async () => {
  receiver.close();
  await service.close();
});

const n = (value: number): AttributeValue => ({ N: String(value) });
const s = (value: string): AttributeValue => ({ S: value });
const keyOf = (messageId: string): Item => ({
  pk: s(`$postrider#senderId_shop#messageId_${messageId}`),
  sk: s("$history#message_1"),
});
const put = (Item: Item) =>
  service.storage.client.send(new PutItemCommand({ TableName: service.storage.table, Item }));
const raw = async (messageId: string): Promise<Item> => {
  const Key = keyOf(messageId);
  const ask = { TableName: service.storage.table, Key, ConsistentRead: true };
  return (await service.storage.client.send(new GetItemCommand(ask))).Item ?? {};
};

/** Submits a message whose record never gets onto the queue: it is the dispatcher's to send. */
const submitUnsent = async (messageId: string): Promise<void> => {
  service.faults.inject({
    ...{ command: "SendMessage", when: "before", times: 1 },
    error: awsError("AccessDenied"),
  });
  const request = aRequest({ messageId, targetUrl: `${receiver.url}/hook` });
  expect((await service.submit(request)).status).toBe(503);
};

type Change = Readonly<Record<string, AttributeValue | undefined>>;

/** The same item with attributes changed or, where they are undefined, taken away. */
const changed = (item: Item, change: Change): Item =>
  Object.fromEntries(
    Object.entries({ ...item, ...change }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );

/** Damages a message, so that nothing can be done about it. */
const damage = async (messageId: string, change: Change): Promise<Item> => {
  const bad = changed(await raw(messageId), change);
  await put(bad);
  return bad;
};

const quarantines = () => service.lines.filter(({ event }) => event === "quarantine");
const notDispatched = () => service.failures.filter(({ what }) => what === "not dispatched");
const counted = () => service.counts.get("MessagesQuarantined") ?? 0;

const sealed = { kind: "sealed" } as const;

type Damage = readonly [reason: string, what: string, change: Change];
const held = { status: s("PROCESSING"), attempts: n(1), owner: s("vanished") };
const damages: readonly Damage[] = [
  ["unknown-item", "is of a newer version of items", { __edb_v__: s("2") }],
  ["unknown-item", "is not marked as a message", { __edb_e__: undefined }],
  ["key-mismatch", "has the id of another message", { messageId: s("order-2") }],
  ["unknown-status", "is in a state of a newer version", { status: s("PAUSED") }],
  ["malformed", "has no attempts", { attempts: undefined }],
  ["malformed", "has a text where a time belongs", { notBefore: s("soon") }],
  ["malformed", "has a last outcome that nobody can read", { lastOutcome: { NULL: true } }],
  ["malformed", "has waits that are none", { scheduleMs: s("5s") }],
  ["due-after-end", "has ended and is due", { status: s("COMPLETED") }],
  ["no-start", "waits for no time", { notBefore: undefined }],
  ["no-start", "is QUEUED for no time", { status: s("QUEUED"), notBefore: undefined }],
  ["no-lease", "is held for no time", held],
  ["lease-too-long", "is held for ten years", { ...held, leaseUntil: n(2 ** 41) }],
];

test("A message whose id is of another system is dispatched, and is no such item", async () => {
  const messageId = "arn:aws:s3:::b/k?v=1#messageid_%2F|~";
  await submitUnsent(messageId);
  service.advance(graceMs);

  await service.dispatch();

  expect(quarantines()).toEqual([]);
  expect(service.queued().map((record) => record.messageId)).toEqual([messageId]);
});

describe("An item that nothing can be done about", () => {
  test.each(damages)("is put in quarantine, once (%s): it %s", async (reason, _, change) => {
    await submitUnsent("order-1");
    await submitUnsent("healthy");
    const before = await damage("order-1", change);
    service.advance(graceMs);
    const now = service.now();

    await service.dispatch();
    await service.dispatch();

    const dueAt = now + 6 * hourMs;
    expect(await raw("order-1")).toEqual({ ...before, dueAt: n(dueAt), quarantinedAt: n(now) });
    expect(quarantines()).toEqual([
      {
        ...{ event: "quarantine", senderId: "shop", messageId: "order-1", reason, dueAt },
        evidence: expect.any(String),
        remedy: expect.stringMatching(/^[A-Z].*\.$/),
      },
    ]);
    expect([counted(), notDispatched().length]).toEqual([1, 0]);
    expect(service.queued().map(({ messageId }) => messageId)).toEqual(["healthy"]);
  });

  test.each(damages)(
    "is listed by the audit by that name (%s): it %s",
    async (reason, _, change) => {
      await submitUnsent("order-1");
      await damage("order-1", change);
      service.advance(graceMs);
      await service.dispatch();

      const key = { senderId: "shop", messageId: "order-1" };
      const { histories } = await storedItems(service.storage).again(key);
      const facts = { now: service.now(), lateMs: hourMs, contentOf: () => sealed, ...options };
      const rules = histories
        .flatMap((history) => judgeStored(history, facts).findings)
        .map(({ rule }) => rule);

      expect(rules).toContain(reason);
      // That its next look is six hours away is no second fault.
      expect(rules).not.toContain("check-too-late");
    },
  );

  test("is put in quarantine where it is alive past its ttl: nobody else would tell", async () => {
    await submitUnsent("order-1");
    service.advance(graceMs);
    await damage("order-1", { ttl: n(service.now() / 1000) });

    await service.dispatch();

    expect(quarantines()).toMatchObject([{ messageId: "order-1", reason: "alive-past-ttl" }]);
  });

  test("is told of by its key, where that is not a message's", async () => {
    await submitUnsent("order-1");
    const { dueShard = s("0") } = await raw("order-1");
    await put({ pk: s("by hand"), sk: s("-"), dueShard, dueAt: n(service.now()) });

    await service.dispatch();

    expect(quarantines()).toMatchObject([{ pk: "by hand", sk: "-", reason: "unknown-item" }]);
  });

  test.each(["a/b", "a%2fb"])(
    "is told of by its key, where that spells an id as no key does: %s",
    async (spelling) => {
      await submitUnsent("a/b");
      const item = { ...(await raw("a%2Fb")), ...keyOf(spelling) };
      await put({ ...item, messageId: s(spelling) });
      service.advance(graceMs);

      await service.dispatch();

      expect(quarantines()).toMatchObject([{ pk: item["pk"]?.S, reason: "unknown-item" }]);
      expect(service.queued().map(({ messageId }) => messageId)).toEqual(["a/b"]);
    },
  );

  test("is judged anew after six hours: told of again while it is bad", async () => {
    await submitUnsent("order-1");
    await damage("order-1", { status: s("PAUSED") });
    service.advance(graceMs);
    await service.dispatch();

    service.advance(6 * hourMs - 1);
    await service.dispatch();
    const before = counted();
    service.advance(1);
    await service.dispatch();

    expect([before, counted(), quarantines().length]).toEqual([1, 2, 2]);
    expect(await raw("order-1")).toMatchObject({ quarantinedAt: n(service.now()) });
  });

  test.each<[string, Change, Change]>([
    ["its state is known", { status: s("PAUSED") }, { status: s("PENDING") }],
    ["its time is set", { notBefore: undefined }, { notBefore: n(Date.UTC(2026, 2, 1)) }],
    ["its lease is set", held, { leaseUntil: n(Date.UTC(2026, 2, 1)) }],
  ])("goes on by itself once %s, and is delivered", async (_what, bad, mended) => {
    await submitUnsent("order-1");
    await damage("order-1", bad);
    service.advance(graceMs);
    await service.dispatch();
    await damage("order-1", mended);

    service.advance(6 * hourMs);
    await service.dispatch();
    service.advance(minuteMs);
    await service.work(...service.queued());

    expect(receiver.of("order-1")).toHaveLength(1);
    expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });
    expect(await raw("order-1")).not.toHaveProperty("quarantinedAt");
  });

  test("is left as it is if somebody mends it while it is being judged", async () => {
    await submitUnsent("order-1");
    await damage("order-1", { status: s("PAUSED") });
    service.advance(graceMs);
    service.faults.before("UpdateItem", () => damage("order-1", { status: s("PENDING") }));

    await service.dispatch();
    await service.dispatch();

    expect(quarantines()).toEqual([]);
    expect(await service.get("order-1")).toMatchObject({ status: "QUEUED" });
  });

  test("is told of by the table if the process dies before it can", async () => {
    await submitUnsent("order-1");
    await damage("order-1", { status: s("PAUSED") });
    service.advance(graceMs);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", times: 1 },
      error: awsError("Stopped"),
    });

    await service.dispatch();
    await service.dispatch();

    expect(quarantines()).toEqual([]);
    expect(await raw("order-1")).toMatchObject({ quarantinedAt: n(service.now()) });
  });
});

describe("What is behind bad items", () => {
  /** Puts so many copies of a message into its shard, each with a fault, due before it. */
  const putBad = async (count: number, change: Change): Promise<void> => {
    const item = await raw("healthy");
    const items = Array.from({ length: count }, (_, index) => ({
      ...changed(item, change),
      ...keyOf(`bad-${index}`),
      messageId: s(`bad-${index}`),
      dueAt: n(service.now() - index),
    }));
    for (let at = 0; at < count; at += 25)
      await service.storage.client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            [service.storage.table]: items
              .slice(at, at + 25)
              .map((Item) => ({ PutRequest: { Item } })),
          },
        }),
      );
  };

  test("is looked after in the same run, were they more than twenty pages", async () => {
    await submitUnsent("healthy");
    await putBad(2050, { status: s("PAUSED") });
    service.advance(graceMs);

    await service.dispatch();

    expect([counted(), quarantines().length]).toEqual([2050, 2050]);
    expect(service.recordsOf("healthy")).toHaveLength(1);
  }, 120_000);

  test.each([
    ["is refused", "AccessDeniedException"],
    ["is throttled", "ProvisionedThroughputExceededException"],
  ])("is looked after even if the write that moves them %s", async (_what, error) => {
    await submitUnsent("healthy");
    await putBad(130, { status: s("PAUSED") });
    service.advance(graceMs);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError(error) },
      on: (input) => JSON.stringify(input).includes("SET quarantinedAt"),
    });

    await service.dispatch();

    expect(await service.get("healthy")).toMatchObject({ status: "QUEUED" });
    expect([counted(), quarantines().length]).toEqual([0, 0]);
    expect(notDispatched()).toHaveLength(130);
    expect(notDispatched()[0]).toMatchObject({
      fields: { senderId: "shop", messageId: expect.stringMatching(/^bad-/) },
    });
  });

  test("is looked after even if the queue takes nothing: the bad ones go out of the way", async () => {
    await submitUnsent("healthy");
    await putBad(3, { status: s("PAUSED") });
    service.advance(graceMs);
    service.faults.inject({
      ...{ command: "SendMessageBatch", when: "before", times: 1 },
      error: awsError("AccessDenied"),
    });

    await service.dispatch().catch(() => {});

    expect(counted()).toBe(3);
    expect(await service.get("healthy")).toMatchObject({ status: "PENDING" });
  });

  test("is looked after although the index has what the table has not", async () => {
    await submitUnsent("gone");
    await submitUnsent("healthy");
    service.advance(graceMs);
    service.faults.before("BatchGetItem", () =>
      service.storage.client.send(
        new DeleteItemCommand({ TableName: service.storage.table, Key: keyOf("gone") }),
      ),
    );

    await service.dispatch();

    expect(service.queued().map(({ messageId }) => messageId)).toEqual(["healthy"]);
    expect([quarantines().length, notDispatched().length]).toEqual([0, 0]);
    expect(await raw("gone")).toEqual({});
  });
});

describe("Whoever else meets such a message", () => {
  const record = { v: 1 as const, senderId: "shop", messageId: "order-1", attempt: 1 };
  const isSane = /"status":"|"code":"(SYSTEM_ERROR|NOT_FOUND)"/;

  beforeEach(() => submitUnsent("order-1"));

  test.each(damages)(
    "shows no inside of ours to who asks (%s): it %s",
    async (_, _what, change) => {
      await damage("order-1", change);
      service.advance(graceMs);
      await service.dispatch();

      const answers = [
        await service.ask("/v1/messages/order-1"),
        await service.ask("/v1/messages/order-1/attempts"),
        await service.ask("/v1/messages", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(aRequest({ targetUrl: `${receiver.url}/hook` })),
        }),
      ];

      for (const { status, text } of answers) {
        expect([200, 404, 503]).toContain(status);
        expect(text).not.toMatch(/electro|Invalid|undefined|NaN|stack|at \w+ \(/i);
      }
      expect(answers[0]?.text).toMatch(isSane);
      // Nothing is done about it, and nothing is put on the queue for it.
      expect(service.queued()).toEqual([]);
    },
  );

  test("shows of a message what can be read: times that are none are left out", async () => {
    await damage("order-1", { createdAt: s("soon"), ttl: s("later"), giveUpAt: n(1e30) });

    const { status, json } = await service.ask("/v1/messages/order-1");

    expect(status).toBe(200);
    expect(json).toMatchObject({ messageId: "order-1", status: "PENDING", attempts: 0 });
    expect(Object.keys(json)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/createdAt|expiresAt|giveUpAt/)]),
    );
  });

  test.each(damages)(
    "makes no more than its one attempt for a record (%s): it %s",
    async (_, _what, change) => {
      await damage("order-1", change);

      await service.work(record);

      expect(receiver.of("order-1").length).toBeLessThanOrEqual(1);
    },
  );
});
