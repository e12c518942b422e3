import { overSdk } from "./backing.ts";
import type { Line } from "./chronicle.ts";
import { type Result, simulate, type Tapes } from "./run.ts";

export const sameOverSdk = "same-over-sdk";

const textOf = (line: Line | undefined): string =>
  line ? `${line.who} ${line.what}` : "has nothing more";

/** The first line of two runs that is not the same, and what broke. */
const difference = (one: Result, other: Result): string => {
  const at = one.lines.findIndex((line, index) => textOf(line) !== textOf(other.lines[index]));
  const [here, there] = [one, other].map(({ lines }) => textOf(lines[at < 0 ? lines.length : at]));
  const broken = [one, other].map(({ violation }) => violation?.what ?? "nothing broke");
  return `in memory: ${here}; over the SDK: ${there} (${broken.join("; ")})`;
};

/** Makes a run in memory, and the same over the SDK: all that happens must be the same. */
export const compared = async (tapes: () => Tapes): Promise<Result> => {
  const result = await simulate(tapes());
  const real = await simulate(tapes(), overSdk);
  const counts = new Map(result.counts).set("over the SDK", 1);
  const isSame =
    real.digest() === result.digest() && real.violation?.invariant === result.violation?.invariant;
  if (isSame) return { ...result, counts };
  return {
    ...result,
    counts,
    violation: { invariant: sameOverSdk, what: difference(result, real) },
  };
};
