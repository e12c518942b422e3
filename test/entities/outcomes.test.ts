import { describe, expect, test } from "@jest/globals";
import { countUnits } from "../../docs/render/cost.ts";
import { itemBytes } from "../../domain/item-size.ts";
import { limits } from "../../domain/limits.ts";
import { bucketMs } from "../../domain/outcome-buckets.ts";
import { type OutcomeCounts, outcomesOf } from "../../domain/outcome-counts.ts";
import { outcomeStore } from "../../entities/outcomes.ts";
import { costOf } from "../support/cost.ts";
import { t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
const from = t0 - (t0 % bucketMs);
const ttl = Math.floor(t0 / 1000) + 86_400;

const store = () => outcomeStore(table.storage);
const one = outcomesOf([{ senderId: "shop", end: "completed", deliveryMs: 40, exchangeMs: 25 }]);
const itemOf = async (senderId: string) =>
  (await table.scan()).find((item) => item["senderId"] === senderId);

describe("Counts", () => {
  test("add up, however many workers write at the same time", async () => {
    const key = { senderId: "busy", shard: 3, from };

    await Promise.all(Array.from({ length: 20 }, () => store().add(key, one, ttl)));

    const [bucket, ...others] = await store().between(key, { from, to: from + 1 });
    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ from, completed: 20, failed: 0, retried: 0 });
    expect(bucket?.delivery.filter((count) => count > 0)).toEqual([20]);
    expect(bucket?.exchange.filter((count) => count > 0)).toEqual([20]);
    expect((await itemOf("busy"))?.["ttl"]).toBe(ttl);
  });

  test("are of one sender and shard, and of the buckets that begin in the range", async () => {
    const key = { senderId: "shop", shard: 0 };
    for (const n of [0, 1, 2, 3])
      await store().add({ ...key, from: from + n * bucketMs }, one, ttl);
    await store().add({ senderId: "shop", shard: 1, from: from + bucketMs }, one, ttl);
    await store().add({ senderId: "Shop", shard: 0, from: from + bucketMs }, one, ttl);

    const range = { from: from + bucketMs, to: from + 3 * bucketMs };
    const found = await store().between(key, range);

    expect(found.map(({ from: at, completed }) => [(at - from) / bucketMs, completed])).toEqual([
      ...[
        [1, 1],
        [2, 1],
      ],
    ]);
  });

  test("cost one write unit, also of the longest sender in a bucket of billions", async () => {
    const senderId = "s".repeat(limits.idCharsMax);
    const key = { senderId, shard: limits.shardsMax - 1, from };
    const most = (count: number): OutcomeCounts => ({
      ...{ completed: count, failed: count, retried: count },
      accept: one.accept.map(() => count),
      ...{ delivery: one.delivery.map(() => count), exchange: one.exchange.map(() => count) },
    });
    await store().add(key, most(9_999_999), ttl);
    const before = await itemOf(senderId);
    await store().add(key, most(1), ttl);
    const after = (await itemOf(senderId)) ?? {};

    expect(itemBytes(after)).toBeLessThanOrEqual(limits.inlineItemBytesMax);
    expect(costOf(before, after)).toEqual({ item: countUnits, indexes: 0 });
  });
});
