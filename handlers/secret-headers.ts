import type { Vault } from "../adapters/vault.ts";
import type { Mac } from "../domain/fingerprint.ts";
import { isSecretHeader } from "../domain/header-rules.ts";
import { idInKey } from "../domain/ids.ts";
import type { Message, MessageKey } from "../domain/message.ts";

/** Ids contain no `#` here, header names may: no two headers of two messages share a context. */
const contextOf = ({ senderId, messageId }: MessageKey, name: string): string =>
  `header#${senderId}#${idInKey(messageId)}#${name}`;

const withSecrets = (
  headers: Message["headers"],
  change: (name: string, value: string) => string,
): Message["headers"] =>
  headers &&
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isSecretHeader(name) ? change(name, value) : value,
    ]),
  );

/**
 * Returns the keyed hash for fingerprints over secret headers. It throws if a named key is missing.
 */
export const fingerprintMac =
  (vault: Vault): Mac =>
  (text, keyId) =>
    vault.mac(text, "fingerprint", keyId);

/** Returns headers for storage: the value of each secret header is encrypted. */
export const sealHeaders = (vault: Vault, message: Message): Message["headers"] =>
  withSecrets(message.headers, (name, value) =>
    vault.seal(Buffer.from(value), contextOf(message, name)),
  );

/** Returns the headers as submitted. Throws if the vault cannot decrypt one of them. */
export const openHeaders = (
  vault: Vault,
  message: Message,
  stored: Message["headers"],
): Message["headers"] =>
  withSecrets(stored, (name, value) =>
    Buffer.from(vault.open(value, contextOf(message, name))).toString(),
  );
