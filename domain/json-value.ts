/** Not `/0+$/`, which takes quadratic time on zeros that are not at the end. */
const withoutTrailingZeros = (digits: string): string => {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
};

const withoutLeadingZeros = (digits: string): string => digits.replace(/^0+(?=\d)/, "");

/** How many digits `Number` adds exactly. */
const exactDigits = 15;

/** Adds 1 or -1 to a whole number given as digits, by changing only its last digits. */
const stepped = (digits: string, step: 1 | -1): string => {
  const turning = step === 1 ? "9" : "0";
  let at = digits.length;
  while (digits[at - 1] === turning) at -= 1;
  const turned = (step === 1 ? "0" : "9").repeat(digits.length - at);
  return `${digits.slice(0, Math.max(at - 1, 0))}${Number(digits[at - 1] ?? 0) + step}${turned}`;
};

/**
 * Returns `exponent` plus `shift` exactly, however long the exponent is. Not by BigInt: it takes
 * more than linear time for many digits, and the sender chooses how many there are.
 */
const shifted = (exponent: string, shift: number): string => {
  const sign = exponent.startsWith("-") ? "-" : "";
  const digits = withoutLeadingZeros(exponent.replace(/^[+-]/, ""));
  if (digits.length <= exactDigits) return String(Number(`${sign}${digits}`) + shift);
  const head = digits.slice(0, -exactDigits);
  const sum = Number(digits.slice(-exactDigits)) + (sign === "" ? shift : -shift);
  const turn = 10 ** exactDigits;
  const [carried, tail] =
    sum < 0
      ? [stepped(head, -1), sum + turn]
      : sum >= turn
        ? [stepped(head, 1), sum - turn]
        : [head, sum];
  return `${sign}${withoutLeadingZeros(`${carried}${String(tail).padStart(exactDigits, "0")}`)}`;
};

/** Returns a decimal: its significant digits, and the power of ten of the last one. */
const decimalOf = (text: string): string => {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = withoutTrailingZeros(digits);
  if (significant === "") return `${sign}0`;
  const power = shifted(exponent, digits.length - significant.length - fraction.length);
  return `${sign}${significant}e${power}`;
};

/**
 * Returns the canonical spelling of a number: as JavaScript writes it where a double holds it
 * exactly (as version 1 did), else as a decimal. `-0` is not `0`: a receiver can tell them apart.
 */
const normalNumber = (source: string): string => {
  const decimal = decimalOf(source);
  const written = String(Number(source));
  return decimal === decimalOf(written) ? written : decimal;
};

/** ECMAScript "JSON.parse source text access": TypeScript does not have its types yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => object };

/** Node gives a reviver the text of each primitive. */
const withNormalNumbers = (
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown =>
  // Most numbers are canonical already, and making an object of each is slow.
  typeof value === "number" && context?.source !== undefined && context.source !== String(value)
    ? rawJSON(normalNumber(context.source))
    : value;

/**
 * Returns the canonical JSON text of a value, however it was written: no white space, the fewest
 * escapes, each number in one spelling as an exact decimal. Of members with one name the last
 * counts, in the order of `JSON.parse`. Without numbers beyond a double it equals `JSON.stringify`
 * of the value, except for `-0`. Takes linear time. Throws a SyntaxError if the text is not JSON,
 * and a RangeError if it is nested too deeply for the stack (`limits.jsonDepthMax` is not).
 */
export const normalJson = (text: string): string =>
  JSON.stringify(JSON.parse(text, withNormalNumbers));
