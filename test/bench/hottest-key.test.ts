import { describe, expect, test } from "@jest/globals";
import { hottestKeys } from "../../bench/hottest-key.ts";

const traffic = { perSecond: 10_000, shards: 64, largestShare: 0.9 };

describe("The hottest key of an index", () => {
  test("is hardly hotter than the others: ids fall into the shards alike", () => {
    const { due, bySender } = hottestKeys(traffic);

    const [evenDue, evenBySender] = [20_000 / 64, 9000 / 64];
    expect(due).toBeGreaterThanOrEqual(evenDue);
    expect(due).toBeLessThan(1.5 * evenDue);
    expect(bySender).toBeGreaterThanOrEqual(evenBySender);
    expect(bySender).toBeLessThan(1.5 * evenBySender);
  });

  test("of the due index does not depend on who sends", () => {
    const alone = hottestKeys({ ...traffic, largestShare: 1 });

    expect(alone.due).toBeLessThan(1.5 * (20_000 / 64));
  });

  test("takes everything where there is one shard", () => {
    expect(hottestKeys({ ...traffic, perSecond: 100, shards: 1 })).toEqual({
      ...{ due: 200, bySender: 90 },
    });
  });
});
