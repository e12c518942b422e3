import { describe, expect, test } from "@jest/globals";
import { inBatches, messageCost, sum, usual } from "../../docs/render/cost.ts";
import {
  boundsOf,
  growthMinutes,
  type Load,
  monthOf,
  needsOf,
  pollerMinutes,
  shardsFor,
  unitsOf,
} from "../../docs/render/scale.ts";
import { prod } from "../stacks/resources.ts";

const load: Load = {
  ...{ perSecond: 10_000, largestShare: 0.9, workerMs: 300, shards: 64, message: inBatches },
  ...{ maxConcurrency: 1000, requestsPerSecond: 1000 },
};
const boundOf = (of: Load, what: string): number =>
  boundsOf(of).find((bound) => bound.what.startsWith(what))?.perSecond ?? Number.NaN;

describe("What a load asks for", () => {
  test("in write units: seven a message, and a tenth to count its outcome", () => {
    expect(unitsOf(inBatches)).toBeCloseTo(7.1, 9);
    expect(needsOf(load).writeUnits).toBeCloseTo(71_000, 6);
  });

  test("in partitions of the table, without what goes to the indexes, and with two fifths to spare", () => {
    // Seven units of which three are of indexes, and the tenth: 4.1 of 600.
    expect(needsOf(load).tablePartitions).toBe(Math.ceil(41_000 / 600));
  });

  test("of the hottest keys: the due index by all senders, that of all messages by the largest", () => {
    expect(needsOf(load).dueKeyUnits).toBeCloseTo(20_000 / 64, 6);
    expect(needsOf(load).bySenderKeyUnits).toBeCloseTo(9000 / 64, 6);
  });

  test("of the counts of outcomes: one write a batch and sender, spread over the shards", () => {
    expect(needsOf(load).outcomesKeyUnits).toBeCloseTo(1000 / 64, 6);
  });

  test("in functions: as many as are at work at the same time", () => {
    expect(needsOf(load).workers).toBeCloseTo(1000 * 0.3, 6);
    expect(needsOf({ ...load, workerMs: 15_000 }).workers).toBeCloseTo(15_000, 6);
    expect(needsOf(load).apiFunctions).toBeCloseTo(1000 * 0.06, 6);
    expect(needsOf({ ...load, message: usual }).apiFunctions).toBeCloseTo(10_000 * 0.015, 6);
  });

  test("in records in flight: what workers hold", () => {
    expect(needsOf(load).inFlight).toBe(3000);
    expect(needsOf({ ...load, workerMs: 12_000 }).inFlight).toBe(120_000);
  });

  test("in log: the bytes of a message, all day", () => {
    const bytes = inBatches.logBytes + inBatches.accessLogBytes;

    expect(needsOf(load).logGbADay).toBeCloseTo((10_000 * 86_400 * bytes) / 1e9, 6);
  });
});

test("Shards are a power of two, with which no key of the due index is used for more than three fifths", () => {
  expect(shardsFor({ perSecond: 10_000 })).toBe(64);
  for (const perSecond of [100, 300, 1000, 10_000, 40_000]) {
    const shards = shardsFor({ perSecond });
    expect(needsOf({ ...load, perSecond, shards }).dueKeyUnits).toBeLessThanOrEqual(600);
    expect(needsOf({ ...load, perSecond, shards: shards / 2 }).dueKeyUnits).toBeGreaterThan(600);
  }
});

describe("What bounds a load", () => {
  test("comes in the order in which it breaks", () => {
    const bounds = boundsOf(load).map(({ perSecond }) => perSecond);

    expect(bounds).toEqual(bounds.toSorted((one, other) => one - other));
  });

  test("is a quota by what a message takes of it", () => {
    expect(boundOf(load, "Write units of a table, by quota")).toBeCloseTo(40_000 / 7.1, 6);
    expect(boundOf(load, "Write units of a table that is new")).toBeCloseTo(4000 / 7.1, 6);
    expect(boundOf(load, "One key of the due index")).toBe(32_000);
    expect(boundOf(load, "The largest sender")).toBeCloseTo(64_000 / 0.9, 6);
    expect(boundOf(load, "Workers of one event source")).toBeCloseTo(12_500 / 0.3, 6);
    expect(boundOf(load, "Requests of an HTTP API")).toBe(100_000);
    expect(boundOf(load, "Records in flight")).toBe(400_000);
    // For each message the tenth of 0.3 s of a worker, and the tenth of 0.06 s of the API.
    expect(boundOf(load, "Functions at the same time")).toBeCloseTo(1000 / 0.036, 6);
  });

  test("is what the stage allows, which is by default what the page says", () => {
    expect(boundOf(load, "`worker.maxConcurrency`")).toBeCloseTo(10_000 / 0.3, 6);
    expect(boundOf(load, "`endpoint.requestsPerSecond`")).toBe(10_000);
    expect(prod.worker).toMatchObject({ batchSize: inBatches.recordsInBatch, maxConcurrency: 100 });
    expect(prod.endpoint).toMatchObject({ requestsPerSecond: 500, burst: 1000 });
  });
});

test("A table that doubles every half hour needs that long for each doubling, and none for less", () => {
  expect(growthMinutes(8000)).toBe(30);
  expect(growthMinutes(32_000)).toBe(90);
  expect(growthMinutes(100)).toBe(0);
});

test("An event source adds three hundred workers a minute to the five that it begins with", () => {
  expect(pollerMinutes(305)).toBe(1);
  expect(pollerMinutes(3)).toBe(0);
});

test("A month costs what its messages cost, with workers as slow as their targets, and what is stored", () => {
  const each = sum(messageCost({ ...inBatches, workerMs: 5000 }));

  const { messages, storage } = monthOf({ ...load, workerMs: 5000 });

  expect(messages).toBeCloseTo(each * 10_000 * 30 * 86_400, 3);
  expect(storage).toBeCloseTo(0.45 * ((10_000 * 86_400 * 30 * 1500) / 1e9), 3);
});
