import { expect, test } from "@jest/globals";
import { systemChance } from "../../adapters/chance.ts";

/** More than are drawn at once. */
const many = Array.from({ length: 5000 });

test("no two tokens are equal, and each has 72 bits in 12 characters", () => {
  const tokens = many.map(() => systemChance.token());

  expect(new Set(tokens).size).toBe(many.length);
  expect(tokens.every((token) => /^[\w-]{12}$/.test(token))).toBe(true);
});

test("a random number is at least 0 and below 1, and no two numbers in a row are equal", () => {
  const numbers = many.map(() => systemChance.random());

  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  expect(numbers.some((number, at) => number === numbers[at + 1])).toBe(false);
});
