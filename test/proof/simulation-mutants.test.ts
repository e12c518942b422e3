import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type Batch, childrenOf } from "../../proof/simulation/children.ts";
import { mutantSchedules, mutants, rareMutants } from "../../proof/simulation/mutants.ts";
import { sumOf } from "../../proof/simulation/sums.ts";

const root = join(import.meta.dirname, "../..");

test.each(mutants)("the text that $name patches is in $file exactly once", ({ file, find }) => {
  const source = readFileSync(join(root, file), "utf8");

  expect(source.split(find)).toHaveLength(2);
});

/** The others are left to `npm run test:simulation -- --mutants`. */
const noticedSoon = mutants.filter(({ name }) => !rareMutants.includes(name));

test("a dozen guards and more are taken out in every run", () => {
  expect(noticedSoon.length).toBeGreaterThan(12);
  expect(mutants.map(({ name }) => name)).toEqual(expect.arrayContaining([...rareMutants]));
});

// A proof that finds nothing proves something only if it would have found a fault.
test("each guard that is taken out is missed by the simulation", async () => {
  const found = await childrenOf<Batch>(
    noticedSoon.map(({ name }) => [
      ...["explore", "--mutant", name, "--from", "1", "--tier", "handlers"],
      ...["--schedules", String(mutantSchedules), "--failures", "1"],
    ]),
  );

  const unnoticed = noticedSoon.filter((_, index) => sumOf(found[index] ?? []).broken.length === 0);
  expect(unnoticed.map(({ name }) => name)).toEqual([]);
});
