import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { entriesOf, membersOf } from "../../domain/json-source.ts";
import { jsonSpelling } from "../support/json-spelling.ts";

test.each([
  ["{}", []],
  [" \t\r\n{ } \n", []],
  ['{"a":1}', [["a", "1", 0]]],
  [
    ' {\n"a" :\t-1.50e+3\r, "b": [ ] , "c":{"d":[1,[2]]}\n} ',
    [
      ["a", "-1.50e+3", 0],
      ["b", "[ ]", 1],
      ["c", '{"d":[1,[2]]}', 3],
    ],
  ],
  [
    '{"a":"}\\"\\\\","b\\u0022":"[{"}',
    [
      ["a", '"}\\"\\\\"', 0],
      ['b"', '"[{"', 0],
    ],
  ],
  [
    '{"a":1,"a":true,"\\u0061":null}',
    [
      ["a", "1", 0],
      ["a", "true", 0],
      ["a", "null", 0],
    ],
  ],
  [
    '{"__proto__":{},"":[" ] "]}',
    [
      ["__proto__", "{}", 1],
      ["", '[" ] "]', 1],
    ],
  ],
])("the members of %j", (text, members) => {
  const found = [...membersOf(text)].map(({ name, source, depth }) => [name, source, depth]);

  expect(found).toEqual(members);
});

test("the text of a member is what was written, whatever stands around it", () => {
  const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 3 });

  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), jsonSpelling, space)), (given) => {
      const text = given.map(
        ([name, value, around]) =>
          `${around}${JSON.stringify(name)}${around}:${around}${value.text}${around}`,
      );

      const found = [...membersOf(`{${text.join(",")}}`)];

      expect(found.map(({ name, source }) => [name, source])).toEqual(
        given.map(([name, value]) => [name, value.text]),
      );
    }),
  );
});

test("a value of any depth is found without a call for each level", () => {
  const deep = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;

  const [member, ...others] = membersOf(`{"a":${deep}}`);

  expect([member?.depth, member?.source === deep, others.length]).toEqual([1_000_000, true, 0]);
});

test.each([
  ["[]", []],
  [" [ \n] ", []],
  ["[1]", ["1"]],
  [
    ' [\n"a" ,\t-1.50e+3\r, [ ], {"b":[1,[2]]}\n, null ] ',
    ['"a"', "-1.50e+3", "[ ]", '{"b":[1,[2]]}', "null"],
  ],
  ['["]","\\"],[","{"]', ['"]"', '"\\"],["', '"{"']],
])("the entries of %j", (text, entries) => {
  expect(entriesOf(text)).toEqual(entries);
});

test("the text of an entry is what was written, whatever stands around it", () => {
  const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 3 });

  fc.assert(
    fc.property(fc.array(fc.tuple(jsonSpelling, space)), (given) => {
      const text = given.map(([value, around]) => `${around}${value.text}${around}`);

      expect(entriesOf(`[${text.join(",")}]`)).toEqual(given.map(([{ text }]) => text));
    }),
  );
});
