import fc from "fast-check";

/** A JSON text, and the value that it spells. */
export type Spelling = { readonly text: string; readonly value: unknown };

const space = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", "\r"), maxLength: 3 });

const escaped = (char: string): string =>
  char
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** A text, with some of its characters escaped that need not be. */
const textSpelling: fc.Arbitrary<Spelling> = fc
  .array(fc.tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.boolean()), {
    maxLength: 12,
  })
  .map((chars) => ({
    value: chars.map(([char]) => char).join(""),
    text: `"${chars
      .map(([char, isEscaped]) => {
        if (char === "/" && isEscaped) return "\\/";
        return isEscaped ? escaped(char) : JSON.stringify(char).slice(1, -1);
      })
      .join("")}"`,
  }));

const numberSpelling: fc.Arbitrary<Spelling> = fc
  .tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.nat({ max: 3 }))
  .chain(([value, zeros]) =>
    fc
      .constantFrom(
        `${value}`,
        `${value}.${"0".repeat(zeros + 1)}`,
        `${value}e${"0".repeat(zeros + 1)}`,
        `${value}${"0".repeat(value === 0 ? 0 : zeros)}E-${value === 0 ? 1 : zeros}`,
      )
      .map((text) => ({ text, value })),
  );

const wordSpelling = fc
  .constantFrom("true", "false", "null")
  .map((text) => ({ text, value: JSON.parse(text) as unknown }));

type Member = readonly [
  before: string,
  name: Spelling,
  between: string,
  value: Spelling,
  after: string,
];

/** Own members only: a literal would take `__proto__` for something else. */
const objectOf = (members: readonly Member[]): Spelling => {
  const value: Record<string, unknown> = {};
  for (const [, name, , member] of members)
    Object.defineProperty(value, String(name.value), {
      ...{ value: member.value, enumerable: true, writable: true, configurable: true },
    });
  const text = members.map(
    ([before, name, between, member, after]) =>
      `${before}${name.text}${between}:${between}${member.text}${after}`,
  );
  return { value, text: `{${text.join(",")}}` };
};

/**
 * JSON texts as senders write them: white space anywhere, escapes that need not be, zeros at the end
 * of numbers, and now and then a name that comes twice. Every number is one that a double carries.
 */
export const jsonSpelling: fc.Arbitrary<Spelling> = fc.letrec<{ any: Spelling }>((tie) => {
  const spaced = fc.tuple(space, tie("any"), space);
  const name = fc.oneof(
    textSpelling,
    fc.constantFrom("a", "1", "__proto__").map((text) => ({ text: `"${text}"`, value: text })),
  );
  return {
    any: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      wordSpelling,
      numberSpelling,
      textSpelling,
      fc.array(spaced, { maxLength: 4 }).map((entries) => ({
        value: entries.map(([, { value }]) => value),
        text: `[${entries.map(([before, { text }, after]) => `${before}${text}${after}`).join(",")}]`,
      })),
      fc.array(fc.tuple(space, name, space, tie("any"), space), { maxLength: 4 }).map(objectOf),
    ),
  };
}).any;
