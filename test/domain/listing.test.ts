import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  type Entry,
  isOver,
  nameOf,
  type Order,
  type Stream,
  sift,
  startIn,
  takeMerged,
} from "../../domain/listing.ts";

const orders: readonly Order[] = ["newest-first", "soonest-first"];
const range = { from: 0, to: 9 };
const rangeAfter = (order: Order, shard: number) => {
  const after: Entry = { at: 5, shard: 1, pk: "p", sk: "s" };
  return startIn(shard, { order, range, after });
};

/** The entries of some shards, each in the order of its index. */
const shardsOf = (order: Order, times: readonly (readonly number[])[]): readonly Stream[] =>
  times.map((each, shard) => ({
    shard,
    next: null,
    entries: each
      .toSorted((a, b) => (order === "newest-first" ? b - a : a - b))
      .map((at, index) => ({ at, shard, pk: `${shard}-${index}`, sk: "s" })),
  }));

/** What is left of a shard after a position, as the table would answer. */
const readFrom = (order: Order, stream: Stream, position: Entry): Stream => {
  const start = startIn(stream.shard, { order, range, after: position });
  const from = start.after ? stream.entries.findIndex(({ pk }) => pk === start.after?.pk) + 1 : 0;
  const entries = stream.entries
    .slice(from)
    .filter(({ at }) => at >= start.range.from && at <= start.range.to);
  return { ...stream, entries };
};

describe("After a position", () => {
  test("a shard below it is over with its time, and one above it is not", () => {
    expect([0, 1, 2].map((shard) => rangeAfter("newest-first", shard).range)).toEqual([
      { from: 0, to: 4 },
      { from: 0, to: 5 },
      { from: 0, to: 5 },
    ]);
    expect([0, 1, 2].map((shard) => rangeAfter("soonest-first", shard).range)).toEqual([
      { from: 6, to: 9 },
      { from: 5, to: 9 },
      { from: 5, to: 9 },
    ]);
  });

  test("its own shard goes on after its entry, the others at the beginning of their range", () => {
    const starts = [0, 1, 2].map((shard) => rangeAfter("newest-first", shard).after?.pk);

    expect(starts).toEqual([undefined, "p", undefined]);
  });

  test.each(orders)("whichever it is, the rest of the list follows (%s)", (order) => {
    const times = fc.array(fc.array(fc.nat(9), { maxLength: 6 }), { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(times, (given) => {
        const streams = shardsOf(order, given);
        const { taken: all } = takeMerged(streams, order, 100);

        all.forEach((position, index) => {
          const rest = streams.map((stream) => readFrom(order, stream, position));

          expect(takeMerged(rest, order, 100).taken).toEqual(all.slice(index + 1));
        });
      }),
    );
  });
});

describe("The merged entries", () => {
  test.each(orders)("are all entries, in the order of their times (%s)", (order) => {
    const times = fc.array(fc.array(fc.nat(9), { maxLength: 6 }), { maxLength: 4 });

    fc.assert(
      fc.property(times, fc.nat(30), (given, count) => {
        const sorted = given.flat().sort((a, b) => (order === "newest-first" ? b - a : a - b));

        const { taken, rest } = takeMerged(shardsOf(order, given), order, count);

        expect(taken.map(({ at }) => at)).toEqual(sorted.slice(0, count));
        expect(isOver(rest)).toBe(count >= sorted.length);
      }),
    );
  });

  test("stop where a shard has to be read on", () => {
    const [one, other] = shardsOf("newest-first", [
      [9, 5],
      [7, 6],
    ]);
    if (!one || !other) throw new Error("There are two shards");

    const { taken } = takeMerged([one, { ...other, next: { range } }], "newest-first", 10);

    expect(taken.map(({ at }) => at)).toEqual([9, 7, 6]);
  });
});

describe("Of a batch of entries", () => {
  const entries = ["a", "b", "c"].map((pk, index) => ({ at: 9 - index, shard: 0, pk, sk: "s" }));
  const named = (pk: string): string => nameOf({ pk, sk: "s" });
  const all = new Map(entries.map(({ pk }) => [named(pk), pk]));
  const none: ReadonlySet<string> = new Set();
  const everything = { room: 9, keeps: () => true };

  test("those without an item, and those that do not match, are examined and left out", () => {
    const found = new Map([...all].filter(([, pk]) => pk !== "b"));
    const keeps = (pk: string) => pk !== "c";

    const sifted = sift(entries, { found, unread: none }, { room: 9, keeps });

    expect(sifted).toEqual({ kept: ["a"], examined: 3, last: entries[2] });
  });

  test("none is passed that was not read", () => {
    const unread = new Set([named("b")]);

    const sifted = sift(entries, { found: all, unread }, everything);

    expect(sifted).toEqual({ kept: ["a"], examined: 1, last: entries[0] });
  });

  test("the examination stops when the page is full", () => {
    const sifted = sift(entries, { found: all, unread: none }, { ...everything, room: 2 });

    expect(sifted).toEqual({ kept: ["a", "b"], examined: 2, last: entries[1] });
  });

  test("one that comes twice while it moves is kept once", () => {
    const twice = [...entries, { at: 1, shard: 0, pk: "a", sk: "s" }];

    expect(sift(twice, { found: all, unread: none }, everything).kept).toEqual(["a", "b", "c"]);
  });
});
