import { describe, expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import { drain, inTurnFrom } from "../../handlers/dispatcher/drain.ts";

/**
 * Drains shards of so many pages, each of which takes so long. Returns the shards in the order in
 * which their pages were begun, how many were in work at once at most, and how long it took.
 */
const drained = async (
  pages: Readonly<Record<string, number>>,
  {
    pageMs = 100,
    timeMs = 60_000,
    overloaded = 0,
  }: { readonly pageMs?: number; readonly timeMs?: number; readonly overloaded?: number } = {},
) => {
  let now = 0;
  let working = 0;
  let atOnce = 0;
  const left = new Map(Object.entries(pages));
  const begun: string[] = [];
  await drain(Object.keys(pages), {
    clock: () => now,
    remainingMs: () => timeMs - now,
    sleep: async (ms) => {
      now += ms;
    },
    page: async (shard) => {
      begun.push(shard);
      working += 1;
      atOnce = Math.max(atOnce, working);
      await Promise.resolve();
      now += pageMs;
      working -= 1;
      left.set(shard, (left.get(shard) ?? 0) - 1);
      return { isLast: left.get(shard) === 0, isOverloaded: begun.length <= overloaded };
    },
  });
  return { begun, atOnce, tookMs: now };
};

describe("Shards that are drained", () => {
  test("take turns, so that a backlog in one holds up no other by more than a page", async () => {
    const { begun } = await drained({ a: 50, b: 2, c: 1, d: 1, e: 2, f: 1 });

    expect(begun.slice(0, 6).toSorted()).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(begun.slice(6, 9).toSorted()).toEqual(["a", "b", "e"]);
    expect(begun).toHaveLength(57);
  });

  test("have a page in work each, and together no more than a few", async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`s${index}`, 3]));

    expect((await drained({ a: 9 })).atOnce).toBe(1);
    expect((await drained(many)).atOnce).toBe(limits.dispatchPagesMax);
  });

  test("are left when the time is nearly over, as late as another page ends before the margin", async () => {
    const { begun, tookMs } = await drained({ a: 10_000 }, { pageMs: 500, timeMs: 55_000 });

    expect(tookMs).toBe(49_500);
    expect(begun).toHaveLength(99);
  });

  test("are not begun without time for a page", async () => {
    const { begun } = await drained({ a: 1 }, { timeMs: limits.dispatchMarginMs });

    expect(begun).toEqual([]);
  });

  test("are read more slowly while that is too much, and to their end all the same", async () => {
    const { begun, tookMs } = await drained({ a: 5 }, { overloaded: 2 });

    expect(begun).toHaveLength(5);
    // A pause of 50 ms, one of 100 ms, and one of 50 ms again.
    expect(tookMs).toBe(5 * 100 + 50 + 100 + 50);
  });
});

describe("The order of the turns", () => {
  const shards = ["0", "1", "2"];

  test("begins with another shard each minute, and has all of them", () => {
    const minutes = [0, 59_999, 60_000, 120_000, 180_000];

    expect(minutes.map((now) => inTurnFrom(now, shards).join(""))).toEqual([
      ...["012", "012", "120", "201", "012"],
    ]);
  });
});
