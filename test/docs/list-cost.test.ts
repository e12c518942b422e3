/** The read units that the page on cost states for lists, counted by the engine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { InitializeMiddleware, MetadataBearer } from "@smithy/types";
import { listReadUnits, standing } from "../../docs/render/cost.ts";
import { limits } from "../../domain/limits.ts";
import { shardOf } from "../../domain/shard.ts";
import { forEach, storing } from "../support/listed.ts";
import { openService, type Service, start } from "../support/service.ts";

type Asked = { ReturnConsumedCapacity?: string };
type Answered = { ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] };

const { shards } = standing;
let service: Service;
let keyOfFew: string;
let units = 0;
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
      units += Math.max(CapacityUnits, 0.5);
    return result;
  };

const messages = Array.from({ length: limits.failuresCountedMax + 600 }, (_, index) => index);

beforeAll(async () => {
  service = await openService({ shards });
  const store = storing(service);
  keyOfFew = await service.senderWithKey("bakery");
  await forEach(messages, (index) => {
    const messageId = `order-${index}`;
    const shard = shardOf({ senderId: "shop", messageId }, shards);
    const placed = { senderShard: shard, createdAt: start + index };
    return index < limits.failuresCountedMax + 50
      ? store.failed(`failed-${messageId}`, { ...placed, failedAt: start + index })
      : store.pending(messageId, { ...placed, dueShard: shard, dueAt: start + index });
  });
  service.storage.client.middlewareStack.add(count as never, { step: "initialize" });
});
afterAll(() => service.close());

const unitsOf = async (path: string, key = service.apiKey): Promise<number> => {
  units = 0;
  const { status } = await service.request(path, {}, key);
  expect(status).toBe(200);
  return units;
};

describe("With the shards of prod,", () => {
  const { page, search, others, failures } = listReadUnits;

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
    const counted = await unitsOf(`/v1/messages${query}`);

    expect(counted).toBeLessThanOrEqual(search);
    expect(counted).toBeGreaterThan(limits.listExaminedMax);
  });

  test("entries of others cost no read of an item", async () => {
    const counted = await unitsOf("/v1/messages?status=unfinished", keyOfFew);

    expect(counted).toBeLessThanOrEqual(others);
  });

  test("a look at a thousand failures costs no more than is stated", async () => {
    const counted = await unitsOf("/v1/failures?by=reason");

    expect(counted).toBeLessThanOrEqual(failures);
    expect(counted).toBeGreaterThan(limits.failuresCountedMax);
  });

  test("the page on cost names these units", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/guides/cost.md"), "utf8");

    expect(text).toContain(`A page of 20 messages takes ${page} read units`);
    expect(text).toContain(`of which nothing matches at most ${search}`);
    expect(text).toContain(`messages of others at most ${others}`);
    expect(text).toContain(`thousand failures at most ${failures.toLocaleString("en-US")}`);
  });
});
