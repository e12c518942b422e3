import type { Vault } from "./vault.ts";

/**
 * Returns a text as a token that only this service can make and read. `context` says what it is
 * for: it cannot be used as a token for anything else.
 */
export const sealedText = (vault: Vault, context: string, text: string): string =>
  Buffer.from(vault.seal(Buffer.from(text), context)).toString("base64url");

/**
 * Returns the JSON value in a token, or undefined if this service did not make it for this context,
 * or if the key that it was made with is gone.
 */
export const openedText = (vault: Vault, context: string, token: string): unknown => {
  const bytes = Buffer.from(token, "base64url");
  // Several texts decode to the same bytes. Only one of them is the token.
  if (bytes.toString("base64url") !== token) return undefined;
  try {
    return JSON.parse(Buffer.from(vault.open(bytes.toString("latin1"), context)).toString());
  } catch {
    return undefined;
  }
};
