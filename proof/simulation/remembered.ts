import type { Vault } from "../../adapters/vault.ts";

const rememberedMax = 2000;

/** Remembers what a function has returned, or thrown, for what can be written as JSON. */
export const remembered = <Given extends readonly unknown[], Value>(
  make: (...given: Given) => Value,
): ((...given: Given) => Value) => {
  const known = new Map<string, { readonly value: Value } | { readonly error: unknown }>();
  const made = (given: Given) => {
    try {
      return { value: make(...given) };
    } catch (error) {
      return { error };
    }
  };
  return (...given) => {
    const name = JSON.stringify(given);
    const result = known.get(name) ?? made(given);
    if (known.size >= rememberedMax) known.clear();
    known.set(name, result);
    if ("error" in result) throw result.error;
    return result.value;
  };
};

/**
 * A vault that asks a real one for each text once. Encrypting takes longer than most of what the
 * handlers do, and runs encrypt the same few texts again and again.
 */
export const rememberingVault = (vault: Vault): Vault => {
  const seal = remembered((plain: string, context: string) =>
    vault.seal(Buffer.from(plain, "base64"), context),
  );
  return {
    seal: (plain, context) => seal(Buffer.from(plain).toString("base64"), context),
    open: remembered(vault.open),
    mac: remembered(vault.mac),
  };
};
