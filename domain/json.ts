import { limits } from "./limits.ts";

/** A number in a JSON text that a double cannot carry: `source` is how it was written. */
export class InexactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Not `/0+$/`, which takes quadratic time on zeros that are not at the end. */
const withoutTrailingZeros = (digits: string): string => {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
};

/** A decimal as its significant digits and the power of ten of the last one. */
const decimalOf = (text: string): string => {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = withoutTrailingZeros(digits);
  if (significant === "") return "0";
  const power =
    BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
};

const isExact = (source: string, value: number): boolean =>
  Number.isFinite(value) && decimalOf(source) === decimalOf(String(value));

/**
 * `JSON.parse`, but a number that would come out as another one is an `InexactNumber`: a body is
 * stored as JSON again, and 12345678901234567890 must not arrive as 12345678901234567000.
 * Throws a SyntaxError on what is not JSON (RFC 8259).
 */
export const parseExactJson = (text: string): unknown => JSON.parse(text, exactly);

/** Node gives a reviver the text of each primitive (ECMAScript, JSON.parse source text access). */
const exactly = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && context?.source !== undefined && !isExact(context.source, value)
    ? new InexactNumber(context.source)
    : value;

/** What to tell whoever sent an `InexactNumber`. */
export const inexact = "is a number that JSON cannot carry exactly; send it as a string";

/**
 * Where in a value there are numbers that cannot be kept, and texts that UTF-8 cannot carry. Says
 * so of what is nested too deeply too: what walks a value takes stack for each level.
 */
export const jsonFaults = (
  value: unknown,
  path: readonly (string | number)[] = [],
): readonly { readonly path: readonly (string | number)[]; readonly message: string }[] => {
  if (value instanceof InexactNumber) return [{ path, message: inexact }];
  if (typeof value === "string") return value.isWellFormed() ? [] : [{ path, message: unpaired }];
  if (typeof value !== "object" || value === null) return [];
  if (path.length >= limits.jsonDepthMax) return [{ path, message: tooDeep }];
  if (Array.isArray(value))
    return value.flatMap((each, index) => jsonFaults(each, [...path, index]));
  return Object.entries(value).flatMap(([name, each]) =>
    name.isWellFormed() ? jsonFaults(each, [...path, name]) : [{ path, message: unpaired }],
  );
};

const tooDeep = `is nested more than ${limits.jsonDepthMax} deep`;
const unpaired = "has half of a surrogate pair, which UTF-8 cannot carry";
