/** The read units that the page on cost states for lists, counted by the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { InitializeMiddleware, MetadataBearer } from "@smithy/types";
import { listReadUnits, outcomesReadUnits, standing } from "../../docs/render/cost.ts";
import { limits } from "../../domain/limits.ts";
import { bucketMs, bucketOf } from "../../domain/outcome-buckets.ts";
import { noOutcomes } from "../../domain/outcome-counts.ts";
import { shardOf } from "../../domain/shard.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { storing } from "../support/listed.ts";
import { openService, type Service, start } from "../support/service.ts";

type Asked = { ReturnConsumedCapacity?: string };
type Answered = { ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] };

const { shards } = standing;
let service: Service;
let keyOfFew: string;
let keyOfMany: string;
let spent = 0;
const capacityOf = ({ ConsumedCapacity: consumed = [] }: Answered): readonly ConsumedCapacity[] =>
  [consumed].flat();

/** Has the engine say what each Query and BatchGetItem costs. */
const count: InitializeMiddleware<Asked, Answered & MetadataBearer> =
  (next, { commandName = "" }) =>
  async (args) => {
    if (!["QueryCommand", "BatchGetItemCommand"].includes(commandName)) return next(args);
    const result = await next({ input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
    // DynamoDB asks at least half a unit of a query, this engine none of one that finds nothing.
    for (const { CapacityUnits = 0 } of capacityOf(result.output))
      spent += Math.max(CapacityUnits, 0.5);
    return result;
  };

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
/** An id as long as a UUID. */
const idOf = (index: number): string => `order-${index}`.padEnd(36, "-");

beforeAll(async () => {
  service = await openService({ shards });
  const store = storing(service);
  keyOfFew = await service.senderWithKey("bakery");
  keyOfMany = await service.senderWithKey("mill");
  const placedAt = (senderId: string, index: number) => {
    const shard = shardOf({ senderId, messageId: idOf(index) }, shards);
    return { senderId, senderShard: shard, createdAt: start + index };
  };
  const failed = (senderId: string, count: number) =>
    upTo(count).map((index) =>
      store.aFailed(idOf(index), { ...placedAt(senderId, index), failedAt: start + index }),
    );
  const pending = upTo(550).map((index) => {
    const { senderShard } = placedAt("shop", index);
    // Later than what FAILED: a page of the newest ones has these.
    const createdAt = start + 2 * limits.failuresCountedMax + index;
    const due = { dueShard: senderShard, dueAt: start + index };
    return store.aPending(`open-${index}`, { senderShard, createdAt, ...due });
  });
  await store.all([...failed("shop", limits.failuresCountedMax + 50), ...pending]);
  await store.all(failed("mill", limits.countedMax + 50));
  service.storage.client.middlewareStack.add(count as never, { step: "initialize" });
});
afterAll(() => service.close());

const unitsOf = async (path: string, key = service.apiKey): Promise<number> => {
  spent = 0;
  const { status } = await service.request(path, {}, key);
  expect(status).toBe(200);
  return spent;
};

describe("With the shards of prod,", () => {
  const { page, search, others, failures, counted } = listReadUnits;

  test.each([
    "",
    "?status=FAILED",
    "?status=PENDING",
    "?status=unfinished",
    "?reason=gone",
    "?target=example.com",
    "?from=2026-03-01T12:00:00Z",
  ])("a page of 20 messages costs what is stated if they all match: %j", async (query) => {
    expect(await unitsOf(`/v1/messages${query}`)).toBe(page);
  });

  test.each([
    "?target=none.example",
    "?status=COMPLETED",
    "?status=FAILED&target=none.example",
    "?reason=too-late",
    "?status=unfinished&target=none.example",
  ])("a page that examines all that it may costs no more than is stated: %s", async (query) => {
    const units = await unitsOf(`/v1/messages${query}`);

    expect(units).toBeLessThanOrEqual(search);
    expect(units).toBeGreaterThan(limits.listExaminedMax);
  });

  test("entries of others cost no read of an item", async () => {
    const units = await unitsOf("/v1/messages?status=unfinished", keyOfFew);

    expect(units).toBeLessThanOrEqual(others);
  });

  test("a look at a thousand failures costs no more than is stated", async () => {
    const units = await unitsOf("/v1/failures?by=reason");

    expect(units).toBeLessThanOrEqual(failures);
    expect(units).toBeGreaterThan(limits.failuresCountedMax);
  });

  test("a count that reaches its maximum costs no more than is stated, and one of few less", async () => {
    const all = await unitsOf("/v1/counts?status=FAILED", keyOfMany);
    const { json } = await service.request("/v1/counts?status=FAILED", {}, keyOfMany);
    const few = await unitsOf("/v1/counts?status=FAILED");

    expect(json).toEqual({ count: 10_000, isExact: false });
    expect(all).toBeLessThanOrEqual(counted);
    expect(all).toBeGreaterThan(counted - shards);
    expect(few).toBeLessThan(counted / 8);
  });

  test("a count of what is unfinished costs as much for the messages of others", async () => {
    const own = await unitsOf("/v1/counts?status=unfinished");

    expect(await unitsOf("/v1/counts?status=unfinished", keyOfFew)).toBe(own);
    expect(own).toBeGreaterThan(shards / 2);
  });

  test("a look at the outcomes of a day costs no more than is stated, if all shards are full", async () => {
    const counts = outcomeStore(service.storage);
    const some = (length: number) => Array.from({ length }, () => 123_456);
    const { accept, delivery, exchange } = noOutcomes;
    const full = {
      ...{ completed: 123_456, failed: 123_456, retried: 123_456 },
      accept: some(accept.length),
      ...{ delivery: some(delivery.length), exchange: some(exchange.length) },
    };
    const from = bucketOf(service.now());
    const quarter = bucketMs * 72;
    for (const index of upTo(72))
      await counts.add({ senderId: "shop", shard: 0, from: from - index * bucketMs }, full, start);

    const asked = new Date(from - quarter).toISOString();
    const units = await unitsOf(`/v1/outcomes?from=${asked}`);
    const ofOneShard = 4 * (units - (shards - 1) / 2);

    expect(shards * ofOneShard).toBeLessThanOrEqual(outcomesReadUnits.day);
    expect(shards * ofOneShard).toBeGreaterThan(outcomesReadUnits.day * 0.9);
  });

  test("the page on cost names these units", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/guides/cost.md"), "utf8");

    expect(text).toContain(`A page of 20 messages takes ${page} read units`);
    expect(text).toContain(`of which nothing matches at most ${search}`);
    expect(text).toContain(`messages of others at most ${others}`);
    expect(text).toContain(`outcomes of a day takes at most ${outcomesReadUnits.day} read units`);
    expect(text).toContain(`A count takes at most ${counted} read units`);
    expect(text).toContain(`thousand failures at most ${failures.toLocaleString("en-US")}`);
  });
});
