/** The list of a sender's messages: complete, in order, filtered, and bounded in what it costs. */
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../../../domain/limits.ts";
import { messageListStore } from "../../../entities/message-list.ts";
import { positionIn } from "../../../handlers/api/list-cursor.ts";
import { listPage } from "../../../handlers/api/list-page.ts";
import { awsError } from "../../support/faults.ts";
import { forEach, pagesOf, shards, storing } from "../../support/listed.ts";
import { openService, type Service, start } from "../../support/service.ts";

const dayMs = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

let service: Service;
let store: ReturnType<typeof storing>;

beforeEach(async () => {
  service = await openService({ shards });
  store = storing(service);
});
afterEach(() => service.close());

const list = (query: Readonly<Record<string, string>> = {}, key = service.apiKey) =>
  service.request(`/v1/messages?${new URLSearchParams(query)}`, {}, key);
const idsOf = async (query: Readonly<Record<string, string>> = {}, key = service.apiKey) =>
  (await pagesOf(service, query, { key })).flat();

/** Puts so many messages in, one a millisecond. The ids, newest first. */
const many = async (count: number, name = "order", senderId = "shop") => {
  const ids = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  await forEach(ids, (id, ms) => store.pending(id, { senderId, createdAt: start + ms }));
  return ids.toReversed();
};

describe("A list", () => {
  test("shows of each message what fits into a row, without headers and body", async () => {
    await store.failed("order#7", {
      lastOutcome: { attempt: 1, class: "status", status: 410, at: start },
      attempts: 1,
    });

    const { status, headers, json } = await list();

    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(json).toEqual({
      items: [
        {
          messageId: "order#7",
          senderId: "shop",
          status: "FAILED",
          attempts: 1,
          attemptsAllowed: 10,
          timestamp: "2026-11-02T08:59:59Z",
          targetUrl: "https://example.com/hooks",
          createdAt: iso(start),
          updatedAt: iso(start),
          failedAt: iso(start),
          expiresAt: iso(start + 30 * dayMs),
          lastOutcome: { attempt: 1, class: "status", status: 410, at: iso(start) },
          failReason: "gone",
        },
      ],
      nextCursor: null,
    });
  });

  test("is empty, and at its end, where there is nothing", async () => {
    expect((await list()).json).toEqual({ items: [], nextCursor: null });
  });

  test("is ordered newest first over all shards, twenty to a page unless it is said", async () => {
    const ids = await many(45);

    expect(await pagesOf(service, {})).toEqual([
      ids.slice(0, 20),
      ids.slice(20, 40),
      ids.slice(40),
    ]);
    expect((await pagesOf(service, { limit: "100" })).flat()).toEqual(ids);
  });

  test("has no message of another sender", async () => {
    const key = await service.senderWithKey("shop.2");
    await many(3);
    await store.failed("failed");
    const theirs = await many(2, "theirs", "shop.2");

    expect(await idsOf({}, key)).toEqual(theirs);
    expect(await idsOf({ status: "FAILED" }, key)).toEqual([]);
    expect((await idsOf({ status: "unfinished" }, key)).toSorted()).toEqual(theirs.toSorted());
  });

  test("finds a message in every shard that is configured", async () => {
    for (let shard = 0; shard < shards; shard += 1)
      await store.pending(`in-${shard}`, { senderShard: String(shard), dueShard: String(shard) });

    expect((await idsOf()).toSorted()).toEqual(["in-0", "in-1", "in-2", "in-3"]);
  });

  test("scans nothing", async () => {
    await many(5);

    await idsOf();
    await idsOf({ status: "FAILED" });
    await idsOf({ status: "unfinished" });

    expect(service.faults.calls).not.toContain("Scan");
  });
});

describe("Page by page", () => {
  test("no message is skipped or doubled, however many have one time and shard", async () => {
    const moments = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 40 });
    let runs = 0;

    await fc.assert(
      fc.asyncProperty(moments, fc.integer({ min: 1, max: 7 }), async (times, limit) => {
        runs += 1;
        const senderId = `sender-${runs}`;
        const key = await service.senderWithKey(senderId);
        const id = (index: number) => `${runs}-${index}`;
        await Promise.all(
          times.map((ms, index) => store.pending(id(index), { senderId, createdAt: start + ms })),
        );

        const pages = await pagesOf(service, { limit: String(limit) }, { key });

        const ids = pages.flat();
        expect(ids.toSorted()).toEqual(times.map((_, index) => id(index)).toSorted());
        const shownTimes = ids.map((each) => times[Number(each.split("-")[1])] ?? 0);
        expect(shownTimes).toEqual(shownTimes.toSorted((a, b) => b - a));
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test("it is stable while messages are added, with the same and with later times", async () => {
    const ids = await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const { messageId } = await store.pending(`before-${index}`, { createdAt: start });
        return messageId;
      }),
    );

    const pages = await pagesOf(
      service,
      { limit: "4" },
      {
        between: (page) =>
          Promise.all(
            [0, 1].map((later) =>
              store.pending(`added-${page}-${later}`, { createdAt: start + later }),
            ),
          ),
      },
    );

    const shown = pages.flat();
    expect(new Set(shown).size).toBe(shown.length);
    expect(shown.filter((id) => id.startsWith("before-")).toSorted()).toEqual(ids.toSorted());
  });

  test("it goes on after the last message of a page though that is gone by then", async () => {
    const ids = await many(12);
    const gone = ids.slice(0, 4);

    const pages = await pagesOf(
      service,
      { limit: "4" },
      { between: async (page) => page === 1 && Promise.all(gone.map(remove)) },
    );

    expect(pages.flat()).toEqual(ids);
  });

  test("it goes on where the number of shards has grown meanwhile", async () => {
    const ids = await many(12);
    const { json } = await list({ limit: "5" });

    const of = { senderId: "shop", filter: {} };
    const { messages, next } = await listPage(
      { lists: messageListStore(service.storage), shards: shards + 3 },
      {
        ...{ ...of, now: start, limit: 100, examinedMax: 500 },
        after: positionIn(service.vault, of, json.nextCursor),
      },
    );

    expect(messages.map(({ messageId }) => messageId)).toEqual(ids.slice(5));
    expect(next).toBeNull();
  });
});

/** Removes the item of a message, as DynamoDB does at the end of its `ttl`. */
const remove = async (messageId: string) => {
  const { pk, sk } = (await service.table.item({ senderId: "shop", messageId })) ?? {};
  await service.storage.client.send(
    new DeleteItemCommand({
      TableName: service.storage.table,
      Key: { pk: { S: String(pk) }, sk: { S: String(sk) } },
    }),
  );
};

describe("A filter", () => {
  test.each(["PENDING", "QUEUED", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED"] as const)(
    "by status shows what is %s, and nothing else",
    async (status) => {
      for (const each of ["PENDING", "QUEUED", "PROCESSING"] as const)
        await store.pending(each, { status: each });
      for (const each of ["COMPLETED", "CANCELLED"] as const)
        await store.ended(each, { status: each });
      await store.failed("FAILED");

      expect(await idsOf({ status })).toEqual([status]);
    },
  );

  test("for what is unfinished reads the due index, the soonest look first", async () => {
    await store.pending("late", { dueAt: start + 9 });
    await store.pending("soon", { dueAt: start + 1, status: "PROCESSING" });
    await store.pending("then", { dueAt: start + 5, status: "QUEUED" });
    await store.ended("done", { status: "COMPLETED" });

    expect(await pagesOf(service, { status: "unfinished", limit: "1" })).toEqual([
      ["soon"],
      ["then"],
      ["late"],
    ]);
    const indexes = service.faults.inputs("Query").map(({ IndexName }) => IndexName);
    expect(new Set(indexes)).toEqual(new Set(["due"]));
  });

  test("by time takes the moment it begins with, and not the one it ends with", async () => {
    await many(10);
    const between = { from: iso(start + 3), to: iso(start + 6) };

    expect(await idsOf(between)).toEqual(["order-5", "order-4", "order-3"]);
    expect((await idsOf({ ...between, status: "unfinished" })).toSorted()).toEqual(
      ["order-3", "order-4", "order-5"].toSorted(),
    );
    expect(await idsOf({ from: "9999-12-31T23:59:59Z" })).toEqual([]);
    expect(await idsOf({ to: "0001-01-01T00:00:00Z" })).toEqual([]);
    expect(await idsOf({ from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z" })).toHaveLength(
      10,
    );
  });

  test("by time goes by failedAt for what FAILED, the latest failure first", async () => {
    await store.failed("second", { createdAt: start, failedAt: start + 20 });
    await store.failed("first", { createdAt: start + 1, failedAt: start + 10 });
    await store.failed("third", { createdAt: start + 2, failedAt: start + 30 });
    const status = "FAILED";

    expect(await idsOf({ status })).toEqual(["third", "second", "first"]);
    expect(await idsOf({ status, from: iso(start + 10), to: iso(start + 30) })).toEqual([
      "second",
      "first",
    ]);
  });

  test.each([
    ["example.com", ["plain", "path"]],
    ["EXAMPLE.com:443", ["plain", "path"]],
    ["example.com:8443", ["port"]],
    ["http.example.com", ["http"]],
    ["http.example.com:80", ["http"]],
    ["http.example.com:443", []],
    ["[2606:4700::1111]", ["v6"]],
    ["https://example.com/hooks?a=1", ["path"]],
    ["https://example.com/hooks?a=2", []],
    ["ample.com", []],
  ])("by target %s finds %j", async (target, ids) => {
    await store.pending("plain", { targetUrl: "https://example.com" });
    await store.pending("path", { targetUrl: "https://example.com/hooks?a=1" });
    await store.pending("port", { targetUrl: "https://example.com:8443/" });
    await store.pending("http", { targetUrl: "http://http.example.com:80/x" });
    await store.pending("v6", { targetUrl: "https://[2606:4700:0::1111]/" });
    await store.pending("other", { targetUrl: "https://example.com.evil.net/" });

    expect((await idsOf({ target })).toSorted()).toEqual(ids.toSorted());
  });

  test("by reason lists what FAILED alone", async () => {
    await store.failed("gone");
    await store.failed("late", { failReason: "too-late" });
    await store.pending("pending");

    expect(await idsOf({ reason: "too-late" })).toEqual(["late"]);
    expect(await idsOf({ reason: "too-late", status: "FAILED" })).toEqual(["late"]);
  });

  test("that little matches ends its page after a named number of entries", async () => {
    await many(limits.listExaminedMax + 30);
    const searched = { target: "nowhere.example" };

    const pages = await pagesOf(service, searched);

    expect(pages).toEqual([[], []]);
  });

  test("for what is unfinished passes the entries of others within the same bound", async () => {
    const key = await service.senderWithKey("bakery");
    await many(limits.listExaminedMax + 30);
    await store.pending("mine", { senderId: "bakery", dueAt: start + dayMs });
    const before = service.faults.calls.filter((call) => call === "BatchGetItem").length;

    const pages = await pagesOf(service, { status: "unfinished" }, { key });

    expect(pages).toEqual([[], ["mine"]]);
    // The items of others are not read.
    const reads = service.faults.calls.filter((call) => call === "BatchGetItem");
    expect(reads).toHaveLength(before + 1);
  });
});

describe("What the index has, and the table has not,", () => {
  /** Makes the next answers of the table leave out some items. */
  const without = (messageId: string) =>
    service.faults.alter("BatchGetItem", ({ Responses }: never) => {
      const [[table, items]] = Object.entries(
        Responses as Record<string, { messageId: { S: string } }[]>,
      ) as [[string, { messageId: { S: string } }[]]];
      return { Responses: { [table]: items.filter((item) => item.messageId.S !== messageId) } };
    });

  test("is left out, and the rest is shown", async () => {
    await many(3);
    without("order-1");

    expect(await idsOf({ limit: "100" })).toEqual(["order-2", "order-0"]);
  });

  test.each<Readonly<Record<string, string>>>([{}, { status: "FAILED" }, { status: "unfinished" }])(
    "is left out if the message has expired: %j",
    async (query) => {
      const soon = { ttl: start / 1000 + 1 };
      await (query["status"] === "FAILED" ? store.failed("old", soon) : store.pending("old", soon));
      expect(await idsOf(query)).toEqual(["old"]);

      service.advance(1000);

      expect(await idsOf(query)).toEqual([]);
    },
  );

  test("is left out where the message has another time by now", async () => {
    await store.failed("again");
    service.faults.alter("BatchGetItem", ({ Responses }: never) => {
      const [[table, [item]]] = Object.entries(Responses as object) as [[string, [object]]];
      const failedAt = { N: String(start + 1) };
      return { Responses: { [table]: [{ ...item, failedAt, createdAt: failedAt }] } };
    });
    expect(await idsOf({ status: "FAILED" })).toEqual([]);
  });

  test.each([
    ["an id that is a number", { messageId: { N: "7" } }],
    ["a last outcome that is none", { lastOutcome: { NULL: true } }],
  ])("is left out where the message has %s", async (_, damage) => {
    await many(2);
    service.faults.alter("BatchGetItem", ({ Responses }: never) => {
      const [[table, [one, other]]] = Object.entries(Responses as object) as [
        [string, [object, object]],
      ];
      return { Responses: { [table]: [{ ...one, ...damage }, other] } };
    });

    expect(await idsOf()).toHaveLength(1);
  });
});

describe("While DynamoDB is throttled", () => {
  /** Makes the next read of items return all but these, as it does when throttled. */
  const unprocessed = (...messageIds: readonly string[]) =>
    service.faults.alter("BatchGetItem", (output: never) => {
      const { Responses } = output as {
        Responses: Record<string, Record<string, { S: string }>[]>;
      };
      const [[table, items] = ["", []]] = Object.entries(Responses);
      const isLeft = (item: Record<string, { S: string }>) =>
        messageIds.includes(item["messageId"]?.S ?? "");
      const Keys = items.filter(isLeft).map(({ pk, sk }) => ({ pk, sk }));
      return {
        Responses: { [table]: items.filter((item) => !isLeft(item)) },
        UnprocessedKeys: Keys.length > 0 ? { [table]: { Keys } } : {},
      };
    });

  test("items that were not read are asked for once more", async () => {
    const ids = await many(6);
    unprocessed("order-3", "order-1");

    expect((await pagesOf(service, {}))[0]).toEqual(ids);
  });

  test("a page ends before an item that was not read, and the next one has it", async () => {
    const ids = await many(6);
    unprocessed("order-3");
    unprocessed("order-3");

    expect(await pagesOf(service, {})).toEqual([ids.slice(0, 2), ids.slice(2)]);
  });

  test("a page whose first item was not read is a fault that the caller is told of", async () => {
    await many(2);
    unprocessed("order-1");
    unprocessed("order-1");

    const { status, headers, json } = await list();

    expect([status, json.code, headers.get("retry-after")]).toEqual([503, "SYSTEM_ERROR", "2"]);
  });

  test.each(["Query", "BatchGetItem"])("a %s that fails is a 503 to repeat", async (command) => {
    await many(2);
    const error = awsError("ProvisionedThroughputExceededException");
    service.faults.inject({ command, when: "before", error });
    const failed = await list();
    service.faults.clear();

    const next = await list();

    expect([failed.status, next.status]).toEqual([503, 200]);
  });
});
