import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { InexactNumber, jsonFaults, parseExactJson } from "../../domain/json.ts";

const inexact = "is a number that JSON cannot carry exactly; send it as a string";
const unpaired = "has half of a surrogate pair, which UTF-8 cannot carry";

describe("parseExactJson", () => {
  test.each([
    ...["0", "-0", "1", "-7", "0.1", "-0.5", "1.0", "1.50", "100", "1e3", "1E3", "1e+3", "1e-3"],
    ...[
      "12.5e-1",
      "9007199254740991",
      "9007199254740992",
      "1e21",
      "1e22",
      "1.7976931348623157e308",
    ],
    ...["5e-324", "0.000", "0e5", "0.30000000000000004", "123456789012345680000"],
  ])("takes %s, which a double can carry", (text) => {
    expect(parseExactJson(text)).toBe(Number(text));
  });

  test.each([
    ...["9007199254740993", "12345678901234567890", "0.1000000000000000055", "1e400", "-1e400"],
    ...["1e-400", "1.00000000000000000001", "3.14159265358979323846", "-9007199254740993"],
  ])("does not take %s for another number", (text) => {
    expect(parseExactJson(text)).toEqual(new InexactNumber(text));
  });

  test("takes every number that JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        expect(parseExactJson(JSON.stringify(number))).toBe(Number(JSON.stringify(number)));
      }),
    );
  });

  /** The number that other software reads when JavaScript has written it. */
  const written = (number: number): bigint =>
    BigInt(number.toLocaleString("en-US", { useGrouping: false }));

  test("takes an integer as it is or not at all", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (integer) => {
        const parsed = parseExactJson(String(integer));

        if (typeof parsed === "number") expect(written(parsed)).toBe(integer);
        else expect(parsed).toEqual(new InexactNumber(String(integer)));
      }),
      { examples: [[119_209_289_550_781_250_000_000n]] },
    );
  });

  test("gives what JSON.parse gives for everything else", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(["", "{", "[1,]", "01", "+1", ".5", "NaN", "'a'", "{a:1}", "1 2"])(
    "throws on %p, which is not JSON",
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );

  // Or this never ends: a regular expression that begins anew at each zero takes a quarter of an hour.
  test("is not held up by a number of a million digits", () => {
    const text = `0.1${"0".repeat(1_000_000)}1`;

    expect(parseExactJson(text)).toEqual(new InexactNumber(text));
  });
});

describe("jsonFaults", () => {
  test("finds none in what can be sent as it is", () => {
    const fine = { a: [1, "é", "😀", null, true, { b: 0.5 }], "": "", é: [] };

    expect(jsonFaults(parseExactJson(JSON.stringify(fine)))).toEqual([]);
  });

  test("says of each number that it cannot keep where it is", () => {
    const body = parseExactJson('{"id":12345678901234567890,"lines":[{"sum":1},{"sum":1e400}]}');

    expect(jsonFaults(body)).toEqual([
      { path: ["id"], message: inexact },
      { path: ["lines", 1, "sum"], message: inexact },
    ]);
  });

  test("looks at nothing more once it has as many as it was asked for", () => {
    const seen: number[] = [];
    const values = Array.from({ length: 1000 }, () => "\ud800");
    const watched = new Proxy(values, {
      get: (target, index) => {
        if (typeof index === "string" && /^\d+$/.test(index)) seen.push(Number(index));
        return Reflect.get(target, index);
      },
    });

    expect(jsonFaults(watched, 3)).toHaveLength(3);
    expect(seen).toEqual([0, 1, 2]);
  });

  test.each([
    ["the first half", '"\\ud83d"'],
    ["the second half", '"\\ude00"'],
    ["two in the wrong order", '"\\ude00\\ud83d"'],
    ["one among others", '"a\\ud83db"'],
  ])("finds %s of a surrogate pair", (_which, text) => {
    expect(jsonFaults(parseExactJson(`[${text}]`))).toEqual([{ path: [0], message: unpaired }]);
    expect(jsonFaults(parseExactJson(`{"a":{${text}:1}}`))).toEqual([
      { path: ["a"], message: unpaired },
    ]);
  });

  test("finds a fault under a name that objects have anyway", () => {
    expect(jsonFaults(parseExactJson('{"__proto__":{"constructor":1e400}}'))).toEqual([
      { path: ["__proto__", "constructor"], message: inexact },
    ]);
  });

  test("finds one in a value that is nothing but that", () => {
    expect(jsonFaults(parseExactJson("1e400"))).toEqual([{ path: [], message: inexact }]);
  });
});
