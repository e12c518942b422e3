import { randomBytes } from "node:crypto";

/** The dice, as few functions as are needed. */
export type Chance = {
  /** In [0, 1): for jitter. */
  readonly random: () => number;
  /** 72 bits in 12 characters: unique for as long as a message lives, and short enough to store. */
  readonly token: () => string;
};

export const systemChance: Chance = {
  random: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
  token: () => randomBytes(9).toString("base64url"),
};

/** Bytes that nobody can guess: for keys and secrets. */
export const secretBytes = (count: number): Uint8Array => randomBytes(count);
