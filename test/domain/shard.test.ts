import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { failedShardOf, shardOf } from "../../domain/shard.ts";

const key = { senderId: "shop", messageId: "order-7" };
const ids = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,20}$/);

test("a message is always in the same shard: it is stored", () => {
  expect([1, 2, 4, 16, 64].map((count) => shardOf(key, count))).toEqual(["0", "1", "3", "3", "35"]);
});

test("a shard is one of those there are", () => {
  fc.assert(
    fc.property(ids, ids, fc.integer({ min: 1, max: 1000 }), (senderId, messageId, count) => {
      const shard = Number(shardOf({ senderId, messageId }, count));

      expect(Number.isInteger(shard) && shard >= 0 && shard < count).toBe(true);
    }),
  );
});

test("the messages of one sender spread evenly, also where their ids count up", () => {
  const sizes = new Map<string, number>();
  for (let n = 0; n < 16_000; n += 1) {
    const shard = shardOf({ senderId: "shop", messageId: `order-${n}` }, 16);
    sizes.set(shard, (sizes.get(shard) ?? 0) + 1);
  }

  expect(sizes.size).toBe(16);
  for (const size of sizes.values()) expect(Math.abs(size - 1000)).toBeLessThan(150);
});

test("the failures of one sender are apart from another's", () => {
  fc.assert(
    fc.property(ids, ids, fc.nat(99), fc.nat(99), (one, other, shard, otherShard) => {
      const isSame = one === other && shard === otherShard;
      const shardOfOne = failedShardOf({ senderId: one, messageId: "a" }, String(shard));
      const shardOfOther = failedShardOf({ senderId: other, messageId: "b" }, String(otherShard));

      expect(shardOfOne === shardOfOther).toBe(isSame);
    }),
  );
});
