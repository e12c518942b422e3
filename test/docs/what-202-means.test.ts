import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { conditions } from "../../proof/model/conditions.ts";
import { mutants } from "../../proof/simulation/mutants.ts";

const read = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../../docs", file), "utf8");
const page = read("concepts/what-202-means.md");
const testing = read("internals/testing.md");

test("The page counts the conditions of the lifecycle as the model has them", () => {
  const all = Object.values(conditions);
  const breaking = all.filter(({ breaks }) => breaks !== undefined).length;

  expect(page).toContain(
    `${all.length} conditions ${breaking} break one when taken out, ${all.length - breaking} follow`,
  );
});

test("The page counts the mutants of the simulation, and the page on testing lists each", () => {
  const listed = mutants.filter(({ name }) => new RegExp(`\`${name}\` [\\d,]+`).test(testing));

  expect(page).toContain(`${mutants.length} guards, each noticed`);
  expect(listed.map(({ name }) => name)).toEqual(mutants.map(({ name }) => name));
});
