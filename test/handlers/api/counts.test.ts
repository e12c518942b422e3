/** How many of a sender's messages FAILED or are unfinished: right, bounded, and its own only. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { limits } from "../../../domain/limits.ts";
import { messageListStore } from "../../../entities/message-list.ts";
import { countEntries } from "../../../handlers/api/count-entries.ts";
import { awsError } from "../../support/faults.ts";
import { forEach, shards, storing } from "../../support/listed.ts";
import { openService, type Service, start } from "../../support/service.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

let service: Service;
let store: ReturnType<typeof storing>;

beforeEach(async () => {
  service = await openService({ shards });
  store = storing(service);
});
afterEach(() => service.close());

const countOf = (query: string, key = service.apiKey) =>
  service.request(`/v1/counts?${query}`, {}, key);
/** The same count with another maximum. */
const countUpTo = (max: number, status: "FAILED" | "unfinished", senderId = "shop") =>
  countEntries(
    { lists: messageListStore(service.storage), shards },
    { senderId, filter: { status }, max },
  );

const many = (count: number, put: (id: string, index: number) => Promise<unknown>) =>
  forEach(
    Array.from({ length: count }, (_, index) => `order-${index}`),
    put,
  );
const dueLater = (ms: number) => ({ dueAt: start + ms });

describe("A count", () => {
  test("counts what FAILED, or what is unfinished", async () => {
    await many(5, (id) => store.failed(id));
    for (const status of ["PENDING", "QUEUED", "PROCESSING"] as const)
      await store.pending(status, { status });
    for (const status of ["COMPLETED", "CANCELLED"] as const) await store.ended(status, { status });

    const failed = await countOf("status=FAILED");

    expect([failed.status, failed.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(failed.json).toEqual({ count: 5, isExact: true });
    expect((await countOf("status=unfinished")).json).toEqual({ count: 3, isExact: true });
  });

  test("is 0 where there is nothing, and in a range that no message can be in", async () => {
    await store.failed("failed");

    const none = { count: 0, isExact: true };
    expect((await countOf("status=unfinished")).json).toEqual(none);
    expect((await countOf("status=FAILED&from=9999-12-31T23:59:59Z")).json).toEqual(none);
    expect((await countOf("status=FAILED&to=0001-01-01T00:00:00Z")).json).toEqual(none);
  });

  test("of what FAILED goes by failedAt, with the first moment and without the last", async () => {
    await many(10, (id, ms) => store.failed(id, { failedAt: start + ms }));

    const { json } = await countOf(`status=FAILED&from=${iso(start + 3)}&to=${iso(start + 6)}`);

    expect(json).toEqual({ count: 3, isExact: true });
  });

  test("leaves out messages of other senders, also of one whose id begins alike", async () => {
    const key = await service.senderWithKey("shop.2");
    await many(3, (id) => store.failed(id));
    await many(4, (id) => store.pending(`open-${id}`));
    await store.failed("theirs", { senderId: "shop.2" });
    await store.pending("theirs-too", { senderId: "shop.2" });

    for (const query of ["status=FAILED", "status=unfinished"])
      expect((await countOf(query, key)).json).toEqual({ count: 1, isExact: true });
    expect((await countOf("status=FAILED")).json.count).toBe(3);
    expect((await countOf("status=unfinished")).json.count).toBe(4);
  });

  test("reads no item and scans nothing", async () => {
    await many(5, (id) => store.failed(id));
    const before = service.faults.calls.length;

    await countOf("status=FAILED");
    await countOf("status=unfinished");

    const calls = new Set(service.faults.calls.slice(before));
    // A key and its sender are looked up once.
    expect(calls).toEqual(new Set(["GetItem", "Query"]));
    const queries = service.faults.inputs("Query");
    // All senders share the due index, of which the keys are read.
    for (const { IndexName, Select, ProjectionExpression } of queries)
      expect([Select, ProjectionExpression]).toEqual(
        IndexName === "due" ? [undefined, "#own"] : ["COUNT", undefined],
      );
    // DynamoDB takes no filter on a key, and may count that of the table among them.
    expect(queries.filter((query) => "FilterExpression" in query)).toEqual([]);
  });

  test("that fails at the table is a 503 to repeat", async () => {
    const error = awsError("ProvisionedThroughputExceededException");
    service.faults.inject({ command: "Query", when: "before", error });

    const { status, json, headers } = await countOf("status=FAILED");

    expect([status, json.code, headers.get("retry-after")]).toEqual([503, "SYSTEM_ERROR", "2"]);
  });

  test("has a maximum of ten thousand", () => {
    expect(limits.countedMax).toBe(10_000);
  });
});

describe("With a maximum, a count", () => {
  test("is exact up to it and says so, however the shards share the messages", async () => {
    const shares = fc.array(fc.integer({ min: 0, max: 9 }), {
      ...{ minLength: shards, maxLength: shards },
    });
    let runs = 0;

    await fc.assert(
      fc.asyncProperty(shares, fc.integer({ min: 0, max: 30 }), async (share, max) => {
        runs += 1;
        const senderId = `sender-${runs}`;
        const own = share.flatMap((count, shard) => Array<number>(count).fill(shard));
        await Promise.all(
          own.map((shard, index) =>
            store.failed(`${runs}-${index}`, { senderId, senderShard: String(shard) }),
          ),
        );

        const counted = await countUpTo(max, "FAILED", senderId);

        expect(counted).toEqual({
          ...{ count: Math.min(own.length, max), isExact: own.length <= max },
        });
      }),
      { numRuns: 40 },
    );
  });

  test("examines no more entries than that and one for each shard", async () => {
    await many(90, (id) => store.failed(id));
    const limitsAsked = () => service.faults.inputs("Query").map(({ Limit }) => Number(Limit));

    expect(await countUpTo(20, "FAILED")).toEqual({ count: 20, isExact: false });

    const asked = limitsAsked().reduce((sum, each) => sum + each, 0);
    expect(asked).toBeLessThanOrEqual(20 + 1 + shards);
  });

  test("goes on where DynamoDB has ended a page before its limit", async () => {
    await many(12, (id) => store.failed(id, { senderShard: "0" }));
    service.storage.client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, Limit: 2 } as never }),
      { step: "initialize" },
    );

    expect(await countUpTo(50, "FAILED")).toEqual({ count: 12, isExact: true });
  });

  test("is not exact beyond it, also where the engine says that nothing follows", async () => {
    await many(12, (id, index) => store.failed(id, { senderShard: String(index % shards) }));
    for (let shard = 0; shard < shards; shard += 1)
      service.faults.alter("Query", () => ({ LastEvaluatedKey: undefined }));

    expect(await countUpTo(9, "FAILED")).toEqual({ count: 9, isExact: false });
  });

  test("of what is unfinished is at least what it found among the messages of others", async () => {
    await many(30, (id) => store.pending(id, dueLater(1)));
    await store.pending("early", { senderId: "bakery", ...dueLater(0) });
    await store.pending("late", { senderId: "bakery", ...dueLater(2) });

    expect(await countUpTo(10, "unfinished", "bakery")).toEqual({ count: 1, isExact: false });
    expect(await countUpTo(40, "unfinished", "bakery")).toEqual({ count: 2, isExact: true });
  });
});

describe("A count is refused", () => {
  const why = "must be FAILED or unfinished: no other status has an index of its own";

  test.each([
    ["", [{ path: ["status"], message: "is required" }]],
    ["status=COMPLETED", [{ path: ["status"], message: why }]],
    ["status=none", [{ path: ["status"], message: why }]],
    [
      "status=unfinished&from=2026-03-01T12:00:00Z&to=2026-03-01T11:00:00Z&limit=1",
      [
        { path: ["limit"], message: "is not a known member" },
        { path: ["to"], message: "must be later than from" },
        {
          path: ["from"],
          message: "is only for FAILED: what is unfinished has no time at which it failed",
        },
        {
          path: ["to"],
          message: "is only for FAILED: what is unfinished has no time at which it failed",
        },
      ],
    ],
    [
      "status=QUEUED&status=FAILED&from=yesterday",
      [
        { path: ["from"], message: "must be a time such as 2026-01-31T12:00:00Z (RFC 3339)" },
        { path: ["status"], message: "is given more than once" },
      ],
    ],
  ])("asked for with %j, with every fault", async (query, issues) => {
    const { status, json } = await countOf(query);

    expect([status, json.issues]).toEqual([400, issues]);
  });
});
