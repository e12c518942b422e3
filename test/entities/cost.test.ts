/**
 * What a message costs to store, by our own count of write units, which is held against the
 * engine's: dynalite does not count those of the indexes, DynamoDB does. Seven for a message that is inline and succeeds at once; that is the budget.
 */
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { InitializeMiddleware, MetadataBearer } from "@smithy/types";
import fc from "fast-check";
import { itemBytes } from "../../domain/item-size.ts";
import { limits } from "../../domain/limits.ts";
import type { LastOutcome, Message } from "../../domain/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import type { Changed } from "../../entities/message-change.ts";
import { payloadStore } from "../../entities/payload.ts";
import { actorsOn } from "../support/actors.ts";
import { type Cost, costOf } from "../support/cost.ts";
import { aMessage, aMessageId, hourMs, minuteMs, secondMs, t0, utf8 } from "../support/messages.ts";
import { type RawItem, useTable } from "../support/table.ts";

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;

beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

/** What each step of a message's life costs, and the items that it leaves. */
const follow = async (
  first: Message,
  steps: readonly ((seen: Message) => Promise<unknown>)[],
  store = messages,
) => {
  const submit = () => store.submit(first);
  const costs: Cost[] = [];
  const items: RawItem[] = [];
  for (const step of [submit, ...steps]) {
    await step((await messages.get(first, t0)) ?? first);
    const after = (await table.item(first)) ?? {};
    costs.push(costOf(items.at(-1), after));
    items.push(after);
  }
  return { costs, items };
};

type Asked = { ReturnConsumedCapacity?: string };
type Answered = { ConsumedCapacity?: ConsumedCapacity };

/** The same messages, through an engine that says what it counts for each write. */
const counting = () => {
  const storage = table.through({});
  const counted: Cost[] = [];
  const ask: InitializeMiddleware<Asked, Answered & MetadataBearer> = (next) => async (args) => {
    const result = await next({ input: { ...args.input, ReturnConsumedCapacity: "INDEXES" } });
    const { Table, GlobalSecondaryIndexes: entries = {} } = result.output.ConsumedCapacity ?? {};
    const units = Object.values(entries).map(({ CapacityUnits = 0 }) => CapacityUnits);
    const indexes = units.reduce((sum, each) => sum + each, 0);
    counted.push({ item: Table?.CapacityUnits ?? 0, indexes });
    return result;
  };
  storage.client.middlewareStack.add(ask as never, { step: "initialize" });
  return { store: messageStore(storage), counted };
};

const happyPath = () => [
  (seen: Message) => actors.enqueue(seen, t0),
  (seen: Message) => actors.claim(seen, t0),
  (seen: Message) => actors.complete(seen, t0 + secondMs),
];

describe("a message that succeeds at once", () => {
  test("costs seven write units, if it is inline", async () => {
    const message = aMessage({
      messageId: aMessageId(),
      headers: { "content-type": "application/json" },
      body: utf8('{"order":7,"total":"12.90"}'),
    });

    const { costs } = await follow(message, happyPath());

    expect(messages.fitsInline(message)).toBe(true);
    expect(costs).toEqual([
      { item: 1, indexes: 2 },
      { item: 1, indexes: 0 },
      { item: 1, indexes: 0 },
      { item: 1, indexes: 1 },
    ]);
  });

  test("costs six, if no index of all messages is kept", async () => {
    const listed = aMessage({ messageId: aMessageId() });
    const message: Message = { ...listed, messageId: aMessageId(), unlisted: true };

    const { costs } = await follow(message, happyPath());

    expect(costs).toEqual([
      { item: 1, indexes: 1 },
      { item: 1, indexes: 0 },
      { item: 1, indexes: 0 },
      { item: 1, indexes: 1 },
    ]);
    expect(costs.reduce((sum, { item, indexes }) => sum + item + indexes, 0)).toBe(6);
  });

  test("costs no more than that, if its body of 256 KiB is a payload, but the payload", async () => {
    const body = new Uint8Array(limits.bodyBytesMax);
    const whole = aMessage({ messageId: aMessageId(), body });
    const { body: _, ...rest } = whole;
    const message: Message = { ...rest, payload: true };

    await payloadStore(table.storage).put(message, { body });
    const { costs } = await follow(message, happyPath());

    const payload = (await table.scan()).find(
      ({ fingerprint, __edb_e__: entity }) =>
        fingerprint === message.fingerprint && entity === "payload",
    );
    expect(messages.fitsInline(whole)).toBe(false);
    expect(costOf(undefined, payload ?? {})).toEqual({ item: 257, indexes: 0 });
    expect(costs.map(({ item }) => item)).toEqual([1, 1, 1, 1]);
    expect(costs.map(({ indexes }) => indexes)).toEqual([2, 0, 0, 1]);
  });
});

describe("what a sender does with a message", () => {
  const failed = () => [
    (seen: Message) => actors.enqueue(seen, t0),
    (seen: Message) => actors.claim(seen, t0),
    (seen: Message) => actors.fail(seen, t0 + secondMs),
  ];

  test.each<[string, readonly ((seen: Message) => Promise<Changed>)[], Cost]>([
    ["cancel", [(seen) => actors.cancel(seen, t0)], { item: 1, indexes: 1 }],
    ["send it now", [(seen) => actors.sendNow(seen, t0 + secondMs)], { item: 1, indexes: 2 }],
    [
      "replay it after it FAILED",
      [...failed(), (seen) => actors.replay(seen, t0 + minuteMs)],
      { item: 1, indexes: 2 },
    ],
    [
      "erase it after it FAILED",
      [...failed(), (seen) => actors.erase(seen, t0 + minuteMs)],
      { item: 1, indexes: 0 },
    ],
  ])("to %s costs %o", async (_, steps, cost) => {
    const { costs } = await follow(aMessage({ messageId: aMessageId() }), steps);

    expect(costs.at(-1)).toEqual(cost);
  });
});

test.each([
  ["is inline", 10],
  ["has an item of four units", 3000],
])("the engine counts what we count, if a message %s", async (_name, bytes) => {
  const { store, counted } = counting();
  const by = actorsOn(store);
  const message = aMessage({ messageId: aMessageId(), body: new Uint8Array(bytes) });

  const { costs } = await follow(
    message,
    [
      (seen) => by.enqueue(seen, t0),
      (seen) => by.claim(seen, t0),
      (seen) => by.retry(seen, t0 + secondMs, t0 + minuteMs),
      (seen) => by.claim(seen, t0 + minuteMs),
      (seen) => by.fail(seen, t0 + minuteMs + secondMs),
    ],
    store,
  );

  const countsIndexes = counted.some(({ indexes }) => indexes > 0);
  const indexesOf = (cost: Cost) => (countsIndexes ? cost.indexes : 0);
  expect(counted).toEqual(costs.map((cost) => ({ item: cost.item, indexes: indexesOf(cost) })));
});

describe("fitsInline", () => {
  /** The largest message of its kind that fits. */
  const largest = (build: (chars: number) => Message): Message => {
    const chars = Array.from({ length: limits.inlineItemBytesMax }, (_, n) => n);
    const most = chars.findLast((n) => messages.fitsInline(build(n)));
    return build(most ?? 0);
  };
  const longest: LastOutcome = {
    attempt: 999,
    class: "target-blocked",
    status: 999,
    at: t0,
  };
  const delivered: LastOutcome = {
    ...{ attempt: 999, class: "accepted", status: 299, at: t0 },
    took: [99_999, 99_999, 99_999, 99_999, 99_999],
  };
  const schedule = { notBefore: t0 + hourMs, dueAt: t0 + hourMs + minuteMs };

  /** A life with everything in it that makes an item larger, by somebody who retries for weeks. */
  const fullLife = () => [
    (seen: Message) => actors.enqueue(seen, t0, t0 + minuteMs),
    (seen: Message) => actors.claim(seen, t0),
    (seen: Message) =>
      messages.retry(seen, {
        now: t0,
        seen,
        owner: seen.owner,
        set: { ...schedule, lastOutcome: longest },
      }),
    (seen: Message) => actors.claim(seen, t0 + hourMs),
    (seen: Message) => actors.requestCancel(seen, t0 + hourMs),
    (seen: Message) => actors.fail(seen, t0 + hourMs),
    (seen: Message) => actors.replay(seen, t0 + hourMs),
    (seen: Message) => actors.cancel(seen, t0 + hourMs),
    (seen: Message) => actors.replay(seen, t0 + hourMs),
    (seen: Message) => actors.claim(seen, t0 + hourMs),
    (seen: Message) => actors.requestCancel(seen, t0 + hourMs),
    (seen: Message) =>
      messages.fail(seen, {
        now: t0 + hourMs,
        seen,
        owner: seen.owner,
        set: { failReason: "attempts-exhausted", failedShard: "shop#0", lastOutcome: longest },
      }),
    (seen: Message) => actors.replay(seen, t0 + hourMs),
    (seen: Message) => actors.claim(seen, t0 + hourMs),
    (seen: Message) =>
      messages.complete(seen, {
        now: t0 + hourMs,
        seen,
        owner: seen.owner,
        set: { lastOutcome: delivered },
      }),
    // It has the times of what was delivered until the next attempt ends.
    (seen: Message) => actors.replay(seen, t0 + hourMs),
    (seen: Message) => actors.claim(seen, t0 + hourMs),
    (seen: Message) => actors.requestCancel(seen, t0 + hourMs),
  ];

  test.each([
    ["body", (chars: number) => ({ body: new Uint8Array(chars) })],
    ["URL", (chars: number) => ({ targetUrl: `https://example.com/${"a".repeat(chars)}` })],
    ["header", (chars: number) => ({ headers: { "X-Token": "a".repeat(chars) } })],
  ])(
    "is right: with the longest %s it allows, no state is past one write unit",
    async (_, part) => {
      const messageId = aMessageId();
      const message = largest((chars) =>
        aMessage({ messageId, submitId: "owner-1", timeoutMs: 30_000, ...part(chars) }),
      );

      const { items, costs } = await follow(message, fullLife());

      expect(Math.max(...items.map(itemBytes))).toBeLessThanOrEqual(limits.inlineItemBytesMax);
      expect(costs.every(({ item }) => item === 1)).toBe(true);
      // It counts all states at once, so a little is left over.
      expect(Math.max(...items.map(itemBytes))).toBeGreaterThan(limits.inlineItemBytesMax - 128);
    },
  );

  test("stays right however often a message is tried and replayed", async () => {
    const messageId = aMessageId();
    const message = largest((chars) =>
      aMessage({ messageId, submitId: "owner-999", body: new Uint8Array(chars) }),
    );
    const worn = { ...message, attempts: 998, attemptsAllowed: 999, attemptsBefore: 990 };

    const { items } = await follow({ ...worn, replays: 98 }, [
      (seen) => actors.claim(seen, t0),
      (seen) => actors.requestCancel(seen, t0),
      (seen) =>
        messages.fail(seen, {
          now: t0,
          seen,
          owner: seen.owner,
          set: { failReason: "attempts-exhausted", failedShard: "shop#0", lastOutcome: longest },
        }),
    ]);

    expect(Math.max(...items.map(itemBytes))).toBeLessThanOrEqual(limits.inlineItemBytesMax);
  });

  test("counts an item as the table stores it, whatever is in the message", async () => {
    const texts = fc.string({ unit: "grapheme", maxLength: 40 });
    const parts = fc.record(
      {
        headers: fc.dictionary(fc.stringMatching(/^[A-Za-z-]{1,12}$/), texts, { maxKeys: 5 }),
        body: fc.uint8Array({ maxLength: 300 }),
        timeoutMs: fc.integer({ min: 100, max: 30_000 }),
        redact: fc.constantFrom("b", "bhr"),
        scheduleMs: fc.array(fc.integer({ min: 0, max: 86_400_000 }), { maxLength: 20 }),
        targetUrl: texts,
      },
      { requiredKeys: ["targetUrl"] },
    );

    await fc.assert(
      fc.asyncProperty(parts, async (part) => {
        const message = aMessage({ messageId: aMessageId(), ...part });
        await messages.submit(message);

        const stored = itemBytes((await table.item(message)) ?? {});

        if (messages.fitsInline(message)) expect(stored).toBeLessThan(limits.inlineItemBytesMax);
      }),
      { numRuns: 100 },
    );
  });
});
