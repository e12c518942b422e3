/** Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats". */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { itemBytes } from "../../domain/item-size.ts";

/** The size of a value, without the one byte of its name. */
const valueBytes = (value: unknown): number => itemBytes({ a: value }) - 1;

describe("the size of an item", () => {
  test("is that of the guide's example: 23 bytes", () => {
    expect(itemBytes({ "shirt-color": "R", "shirt-size": "M" })).toBe(23);
  });

  test("an empty item has size 0", () => {
    expect(itemBytes({})).toBe(0);
    expect(itemBytes({ absent: undefined })).toBe(0);
  });

  test.each([
    ["a text by its bytes in UTF-8", "aé😀", 1 + 2 + 4],
    ["an empty text", "", 0],
    ["bytes by their number", new Uint8Array(300), 300],
    ["true", true, 1],
    ["null", null, 1],
    ["an empty list", [], 3],
    ["an empty map", {}, 3],
    ["a list by its elements and a byte for each", ["ab", "c"], 3 + 2 + 2 + 1],
    ["a map by its names, values and a byte for each", { ab: "c", d: "e" }, 3 + 2 + 3 + 2],
    ["nesting by every level", { a: [{ b: "c" }] }, 3 + 1 + 1 + (3 + 1 + (3 + 1 + 1 + 1))],
  ])("counts %s", (_what, value, bytes) => {
    expect(valueBytes(value)).toBe(bytes);
  });

  test.each([
    [0, 2],
    [7, 2],
    [42, 2],
    [123, 3],
    [1234, 3],
    [1_793_610_000_123, 8],
    [-7, 3],
    [-1234, 4],
    [0.25, 3],
  ])("counts the number %d by its digits, two a byte, as %i bytes", (number, bytes) => {
    expect(valueBytes(number)).toBe(bytes);
  });

  test("counts a number at least as DynamoDB does, which trims zeros at both ends", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 6 }), (number, places) => {
        const value = number / 10 ** places;
        const digits = String(Math.abs(value))
          .replace(".", "")
          .replace(/^0+|0+$/g, "");
        const documented = Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);

        expect(valueBytes(value)).toBeGreaterThanOrEqual(documented);
      }),
    );
  });

  test("counts names by their bytes in UTF-8", () => {
    expect(itemBytes({ é: "" })).toBe(2);
  });
});
