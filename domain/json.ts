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

/** More than the exponent of any double has, with a sign and a few zeros before it. */
const exponentCharsMax = 20;

/** A decimal as its significant digits and the power of ten of the last one. */
const decimalOf = (text: string): string => {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = withoutTrailingZeros(digits);
  if (significant === "") return "0";
  // A longer exponent makes zero or infinity of any number, and BigInt takes quadratic time on it.
  if (exponent.length > exponentCharsMax) return `${sign}${significant}e${exponent}`;
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

type Path = readonly (string | number)[];
type JsonFault = { readonly path: Path; readonly message: string };

/**
 * Returns where a value has numbers that cannot be kept, texts that UTF-8 cannot carry, or is nested
 * too deeply (what walks a value takes stack for each level). Stops at `faultsMax` faults: a value
 * that is refused must not cost more than one that is accepted, and each fault has its own path.
 */
export const jsonFaults = (
  root: unknown,
  faultsMax: number = limits.issuesMax + 1,
): readonly JsonFault[] => {
  const faults: JsonFault[] = [];
  // One path for the whole walk; only a fault copies it.
  const path: (string | number)[] = [];
  const add = (message: string): void => {
    faults.push({ path: [...path], message });
  };
  const visit = (value: unknown): void => {
    if (value instanceof InexactNumber) add(inexact);
    else if (typeof value === "string") {
      if (!value.isWellFormed()) add(unpaired);
    } else if (typeof value === "object" && value !== null) {
      if (path.length < limits.jsonDepthMax) visitMembers(value);
      else add(tooDeep);
    }
  };
  const visitMembers = (value: object): void => {
    for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) {
      if (faults.length >= faultsMax) return;
      if (typeof name === "string" && !name.isWellFormed()) add(unpaired);
      else {
        path.push(name);
        visit((value as Readonly<Record<string | number, unknown>>)[name]);
        path.pop();
      }
    }
  };
  visit(root);
  return faults;
};

const tooDeep = `is nested more than ${limits.jsonDepthMax} deep`;
const unpaired = "has half of a surrogate pair, which UTF-8 cannot carry";
