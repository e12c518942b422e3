import { randomBytes, randomFillSync } from "node:crypto";

/** The source of randomness. */
export type Chance = {
  /** Returns a number in [0, 1), for jitter. */
  readonly random: () => number;
  /**
   * Returns 72 random bits in 12 characters: unique for the life of a message, and short to store.
   */
  readonly token: () => string;
};

/** Bytes that no one has had yet. Many are drawn at once: a call takes longer than its bytes do. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Returns where in the pool the next bytes begin. */
const draw = (count: number): number => {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += count;
  return used - count;
};

const tokenBytes = 9;

export const systemChance: Chance = {
  random: () => pool.readUInt32BE(draw(4)) / 2 ** 32,
  token: () => {
    const from = draw(tokenBytes);
    return pool.toString("base64url", from, from + tokenBytes);
  },
};

/** Returns cryptographically random bytes, for keys and secrets. */
export const secretBytes = (count: number): Uint8Array => randomBytes(count);
