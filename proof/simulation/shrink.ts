import { compared, sameOverSdk } from "./compared.ts";
import { runOf, tapesFrom, type Written } from "./explore.ts";
import type { Result } from "./run.ts";

const triesMax = 600;

/** All ways to make a list of numbers plainer, the boldest first. */
function* plainer(numbers: readonly number[]): Generator<readonly number[]> {
  for (let size = numbers.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < numbers.length; at += size) {
      const end = Math.min(at + size, numbers.length);
      if (end === numbers.length) yield numbers.slice(0, at);
      if (numbers.slice(at, end).some((number) => number !== 0))
        yield [...numbers.slice(0, at), ...Array(end - at).fill(0), ...numbers.slice(end)];
    }
  }
  for (let size = Math.floor(numbers.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at + size <= numbers.length; at += size)
      yield [...numbers.slice(0, at), ...numbers.slice(at + size)];
}

/**
 * Makes the tapes of a failure plainer for as long as they break the same invariant: zeros are "no
 * fault, first in line", and a shorter tape is plain from there on.
 */
export const shrink = async (
  failing: Written,
  invariant: string,
): Promise<{ readonly tapes: Written; readonly result: Result }> => {
  const make = (tapes: Written): Promise<Result> =>
    invariant === sameOverSdk
      ? compared(() => tapesFrom(tapes))
      : runOf(tapes.tier ?? "handlers", tapesFrom(tapes));
  let best = { tapes: failing, result: await make(failing) };
  let tries = 0;
  const isBetter = async (tapes: Written): Promise<boolean> => {
    tries += 1;
    const result = await make(tapes);
    if (result.violation?.invariant !== invariant) return false;
    best = { tapes, result };
    return true;
  };
  /** Tries until one is better, for one of the two tapes. */
  const shorten = async (part: "swarm" | "schedule"): Promise<boolean> => {
    for (const numbers of plainer(best.tapes[part])) {
      if (tries >= triesMax) return false;
      if (await isBetter({ ...best.tapes, [part]: numbers })) return true;
    }
    return false;
  };
  while ((await shorten("schedule")) || (await shorten("swarm"))) {
    // Once more, from what is left.
  }
  return best;
};
