import { parseMasterKey } from "./vault.ts";

/** The keys in a list, and its faults. */
export type MasterKeys = {
  readonly keys: readonly Uint8Array[];
  readonly faults: readonly string[];
};

/** Secrets Manager can generate hexadecimal digits, but not base64. */
const hexadecimal = /^[0-9a-f]{64}$/;

const keyIn = (text: string): Uint8Array | undefined =>
  parseMasterKey(hexadecimal.test(text) ? Buffer.from(text, "hex").toString("base64") : text);

/**
 * Parses a comma-separated list of master keys: each 32 bytes, in base64 or as 64 lower-case
 * hexadecimal digits. Faults name a key by its place in the list and never show its text.
 */
export const parseMasterKeys = (text: string): MasterKeys => {
  const parsed = text.split(",").map((entry) => keyIn(entry.trim()));
  return {
    keys: parsed.filter((key) => key !== undefined),
    faults: parsed.flatMap((key, index) =>
      key
        ? []
        : [`key ${index + 1} is not 32 bytes, in base64 or hexadecimal, that are not all zero`],
    ),
  };
};
