/** A table of figures, to be read. */
export type Table = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What must be known to read it. */
  readonly note?: string;
};

/** What a part measured: to be read, and to be kept. */
export type Measured = { readonly tables: readonly Table[]; readonly figures: object };

/** Says how far a measurement is. */
export type Say = (text: string) => void;

/** One part of the benchmark, by its name on the command line. */
export type Part = {
  /** What it measures, in a line of the help. */
  readonly about: string;
  /** Its options, one a line, as `node:util` reads them and as the help shows them. */
  readonly options: Readonly<Record<string, Option>>;
  readonly run: (values: Values, say: Say) => Promise<Measured>;
};

export type Option = {
  readonly type: "string" | "boolean";
  readonly fallback?: string;
  /** It may be given more than once. */
  readonly multiple?: boolean;
  readonly about: string;
};
export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** An option that a part cannot work with. The command says which, and ends with 2. */
export class UnusableOption extends Error {}

/** Returns an option that must be a whole number of at least `min`. Throws UnusableOption. */
export const countIn = (values: Values, name: string, min = 1): number => {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < min)
    throw new UnusableOption(`--${name} must be a whole number, at least ${min}`);
  return value;
};

/** Returns an option that must be whole numbers with commas between them. Throws UnusableOption. */
export const countsIn = (values: Values, name: string): readonly number[] => {
  const counts = String(values[name]).split(",").map(Number);
  if (counts.every((count) => Number.isSafeInteger(count) && count > 0)) return counts;
  throw new UnusableOption(`--${name} must be whole numbers with commas between them`);
};
