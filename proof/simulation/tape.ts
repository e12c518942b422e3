import { seeded } from "../seeded.ts";

/**
 * Where every decision of a run comes from that the product does not make itself: who goes on, what
 * breaks, which dice fall. 0 always means the plainest thing: first in line, no fault.
 */
export type Tape = {
  /** A number from 0 to `count - 1`. */
  readonly choose: (count: number) => number;
  /** True in so many of a thousand cases. */
  readonly happens: (perMille: number) => boolean;
  /** One of these; the first is the plainest. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
  /** The numbers so far: a tape that is made of them gives the same again. */
  readonly taken: readonly number[];
};

const tapeOver = (next: (count: number) => number): Tape => {
  const taken: number[] = [];
  const choose = (count: number): number => {
    // No choice is no decision, and takes no room on the tape.
    if (count <= 1) return 0;
    const number = next(count);
    taken.push(number);
    return number;
  };
  return {
    choose,
    happens: (perMille) => perMille > 0 && choose(1000) >= 1000 - perMille,
    pick: (items) => items[choose(items.length)] as (typeof items)[number],
    taken,
  };
};

/** A tape that never ends, made from a seed of 32 bits. */
export const seededTape = (seed: number): Tape => {
  const random = seeded(seed);
  return tapeOver((count) => Math.floor(random() * count));
};

/** A tape that was written down. Past its end everything is plain. */
export const writtenTape = (numbers: readonly number[]): Tape => {
  let position = 0;
  return tapeOver((count) => {
    const number = numbers[position] ?? 0;
    position += 1;
    return number % count;
  });
};
