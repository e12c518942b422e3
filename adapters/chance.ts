import { randomBytes } from "node:crypto";

/** The source of randomness. */
export type Chance = {
  /** Returns a number in [0, 1), for jitter. */
  readonly random: () => number;
  /**
   * Returns 72 random bits in 12 characters: unique for the life of a message, and short to store.
   */
  readonly token: () => string;
};

export const systemChance: Chance = {
  random: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
  token: () => randomBytes(9).toString("base64url"),
};

/** Returns cryptographically random bytes, for keys and secrets. */
export const secretBytes = (count: number): Uint8Array => randomBytes(count);
