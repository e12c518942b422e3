/**
 * Most schedules of the simulation are walks of the model. They are worth something only if the model
 * does what the handlers do: here the real handlers make walks too, step by step.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { now, searchedAt } from "../../proof/model/moments.ts";
import { type Batch, childrenOf } from "../../proof/simulation/children.ts";
import { tapesFrom, tapesOf } from "../../proof/simulation/explore.ts";
import { sumOf } from "../../proof/simulation/sums.ts";
import { shares, tierOf } from "../../proof/simulation/tiers.ts";
import { modelMutants } from "../../proof/walks/mutants.ts";
import { walked, walkedTwice } from "../../proof/walks/run.ts";

const root = join(import.meta.dirname, "../..");
const walksEach = 10_000;
const inStepEach = 750;
/** Within so many walks the handlers in step with a wrong model must notice it. */
const noticedWithin = 1500;

/** Runs schedules of one tier in a process for each of these first seeds. */
const explored = async (tier: string, firsts: readonly number[], schedules: number) => {
  const found = await childrenOf<Batch>(
    firsts.map((from) => [
      ...["explore", "--tier", tier, "--from", String(from), "--schedules", String(schedules)],
    ]),
  );
  const { broken, ...sum } = sumOf(found.flat());
  return { ...sum, broken: broken.map(({ seed, invariant }) => `seed ${seed}: ${invariant}`) };
};

describe("A walk", () => {
  test("is the same again for the same seed, alone and with the handlers", async () => {
    const [one, other] = [walked(tapesOf(7)), walked(tapesOf(7))];
    const [twice, again] = [await walkedTwice(tapesOf(7)), await walkedTwice(tapesOf(7))];

    expect(other.digest()).toBe(one.digest());
    expect(again.digest()).toBe(twice.digest());
    expect(walked(tapesOf(8)).digest()).not.toBe(one.digest());
  });

  test("of plain choices hands one message over, which nobody need look at", () => {
    const { statuses, violation } = walked(tapesFrom({ swarm: [], schedule: [] }));

    expect([statuses, violation]).toEqual([["COMPLETED"], undefined]);
  });

  test("keeps every promise, whatever breaks in it", async () => {
    const { broken, runs, steps } = await explored("walk", [1, 1 + walksEach], walksEach);

    expect(broken).toEqual([]);
    expect(runs).toBe(2 * walksEach);
    expect(steps).toBeGreaterThan(20 * runs);
  });
});

describe("The real handlers, in step with a walk of the model", () => {
  /** Every part that a step can be made of, and what becomes of it. */
  const fates = ["answered", "lost-after", "crash-after", "crash-before"] as const;
  const parts = ["ingestion", "worker", "dispatcher", "operator", "sender", "eraser"] as const;
  const others = [
    ...["dispatcher looks", "operator looks", "sender looks", "eraser looks"],
    ...["worker given-back", "ingestion failed-before", "ingestion failed-after"],
    ...["dispatcher failed-before", "dispatcher failed-after", "the other", "time other"],
  ];

  test("leave the same message, records, requests and answers after each step", async () => {
    const { broken, counts } = await explored("lockstep", [1, 1 + inStepEach], inStepEach);

    expect(broken).toEqual([]);
    const wanted = [...parts.flatMap((part) => fates.map((fate) => `${part} ${fate}`)), ...others];
    expect(wanted.filter((what) => !counts.has(`lockstep ${what}`))).toEqual([]);
  });

  test.each(modelMutants)("the text that $name patches is in $file exactly once", (mutant) => {
    const source = readFileSync(join(root, mutant.file), "utf8");

    expect(source.split(mutant.find)).toHaveLength(2);
  });

  // Of the model, and of the handlers: whichever of the two is wrong, they are not the same.
  test("notice each actor of the model that is wrong, and the model notices wrong handlers", async () => {
    const names = [
      ...modelMutants.map(({ name }) => name),
      ...["mark-before-send", "retry-left-to-the-dispatcher", "lease-not-looked-at"],
      "retry-keeps-no-due",
    ];

    const found = await childrenOf<Batch>(
      names.map((name) => [
        ...["explore", "--mutant", name, "--tier", "lockstep", "--from", "1"],
        ...["--schedules", String(noticedWithin), "--failures", "1"],
      ]),
    );

    const unnoticed = names.filter((_, index) => sumOf(found[index] ?? []).broken.length === 0);
    expect(unnoticed).toEqual([]);
  });
});

test("one schedule of 40 is by the handlers, one in step with them, and the others are walks", () => {
  const seeds = Array.from({ length: 1000 }, (_, seed) => tierOf(seed));

  expect(seeds.filter((tier) => tier === "handlers")).toHaveLength(1000 / shares.handlers);
  expect(seeds.filter((tier) => tier === "lockstep")).toHaveLength(1000 / shares.lockstep);
});

test("a walk leaves the moment of the searches as it found it", async () => {
  walked(tapesOf(7));
  await walkedTwice(tapesOf(7));

  expect(now).toBe(searchedAt);
});
