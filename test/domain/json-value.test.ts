import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { normalJson } from "../../domain/json-value.ts";
import { jsonSpelling } from "../support/json-spelling.ts";

describe("Spellings of one number are one:", () => {
  test.each([
    ["10", "10.00", "1e1", "1E+1", "0.1e2", "100e-1", "1e01", "1e0000000000000000000000000000001"],
    ["0", "0.0", "0e5", "0e-999999999999999999999999999999"],
    ["-0", "-0.0", "-0e1"],
    ["9007199254740993", "9007199254740993.0", "9.007199254740993e15"],
    ["1e400", "10e399", "0.1e401", "1000e397"],
    ["1e-400", "0.1e-399", "10e-401"],
    ["1e1000000000000000", "10e999999999999999", "0.01e1000000000000002"],
    ["1e999999999999999", "0.1e1000000000000000"],
    ["1e-1000000000000000", "0.1e-999999999999999"],
    ["1e99999999999999999999", "0.1e100000000000000000000", "10e99999999999999999998"],
    ["1e-99999999999999999999", "10e-100000000000000000000", "0.1e-99999999999999999998"],
  ])("%s", (one, ...others) => {
    expect(others.map(normalJson)).toEqual(others.map(() => normalJson(one)));
  });
});

describe("Numbers that differ stay two:", () => {
  test.each([
    ["9007199254740993", "9007199254740992"],
    ["12345678901234567890", "12345678901234567891"],
    ["0.1", "0.1000000000000000055"],
    ["0", "-0"],
    ["1e400", "-1e400"],
    ["1e400", "1e401"],
    ["1e400", "null"],
    ["1e-400", "0"],
    ["1e99999999999999999999", "1e99999999999999999998"],
    ["1e999999999999999", "1e1000000000000000"],
    ["1", "1e-1"],
    ["1", '"1"'],
  ])("%s and %s", (one, other) => {
    expect(normalJson(one)).not.toBe(normalJson(other));
  });
});

/** A decimal as digits and a power of ten, exactly: another way than the one that is tested. */
const exactly = (digits: bigint, power: number): bigint => digits * 10n ** BigInt(power + 60);

test("two decimals have one spelling if and only if they are equal", () => {
  const digits = fc.oneof(
    fc.bigInt({ min: 1n, max: 9999n }),
    fc.bigInt({ min: 1n, max: 10n ** 25n }),
  );
  const power = fc.integer({ min: -30, max: 30 });
  const scale = fc.integer({ min: 0, max: 6 });

  fc.assert(
    fc.property(digits, power, digits, power, scale, (one, at, two, where, by) => {
      const same = `${one * 10n ** BigInt(by)}e${at - by}`;

      expect(normalJson(same)).toBe(normalJson(`${one}e${at}`));
      expect(normalJson(`${one}e${at}`) === normalJson(`${two}e${where}`)).toBe(
        exactly(one, at) === exactly(two, where),
      );
    }),
  );
});

test("an exponent of any length is added to like a whole number", () => {
  const exponent = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });

  fc.assert(
    fc.property(exponent, fc.integer({ min: 1, max: 20 }), (power, by) => {
      const shifted = `1${"0".repeat(by)}e${power - BigInt(by)}`;

      expect(normalJson(shifted)).toBe(normalJson(`1e${power}`));
    }),
    {
      examples: [
        [10n ** 15n, 1],
        [-(10n ** 15n), 1],
        [10n ** 30n, 3],
        [10n ** 15n - 1n, 20],
      ],
    },
  );
});

test("what an exact number is written as is what the first version wrote", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = JSON.stringify(number);

      expect(normalJson(text)).toBe(text);
    }),
  );
});

test("every spelling of a value is one text, and of an exact value that of JSON.stringify", () => {
  fc.assert(
    fc.property(jsonSpelling, ({ text, value }) => {
      expect(normalJson(text)).toBe(JSON.stringify(value));
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', '{"a":2}'],
  ['{"a":{"b":1},"a":[2.0]}', '{"a":[2]}'],
  ['{"b":1,"1":2}', '{"1":2,"b":1}'],
  ['{"__proto__":{"a":1.0},"toJSON":1}', '{"__proto__":{"a":1},"toJSON":1}'],
  ['"\\u00e9\\/\\ud800"', '"é/\\ud800"'],
])("%s counts as %s", (text, normal) => {
  expect(normalJson(text)).toBe(normal);
});

test("the order of members counts", () => {
  expect(normalJson('{"a":1,"b":2}')).not.toBe(normalJson('{"b":2,"a":1}'));
});

// Or these never end: each takes quarter of an hour or more with a step that is not linear.
test.each([
  ["digits", `0.1${"0".repeat(1_000_000)}1`],
  ["an exponent", `1e${"9".repeat(2_000_000)}`],
  ["an exponent that turns over", `0.1e1${"0".repeat(2_000_000)}`],
  ["a negative exponent", `10e-1${"0".repeat(2_000_000)}`],
  ["zeros before an exponent", `1e${"0".repeat(2_000_000)}1`],
])("is not held up by %s of a million digits", (_what, text) => {
  expect(normalJson(`[${text}]`)).toHaveLength(normalJson(text).length + 2);
});

test.each(["", "{", "[1,]", "01", "+1", ".5", "NaN", "'a'"])("throws on %p", (text) => {
  expect(() => normalJson(text)).toThrow(SyntaxError);
});
