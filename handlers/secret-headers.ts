import type { Vault } from "../adapters/vault.ts";
import type { Mac } from "../domain/fingerprint.ts";
import { isSecretHeader } from "../domain/header-rules.ts";
import { idInKey } from "../domain/ids.ts";
import type { Message, MessageKey } from "../domain/message.ts";

/** No id holds a `#` here, a header name may: no two headers of any two messages share a context. */
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

/** By which secret headers enter a fingerprint. Throws if the key that is named is not at hand. */
export const fingerprintMac =
  (vault: Vault): Mac =>
  (text, keyId) =>
    vault.mac(text, "fingerprint", keyId);

/** The headers of a message as they may be stored: the value of each secret one sealed. */
export const sealHeaders = (vault: Vault, message: Message): Message["headers"] =>
  withSecrets(message.headers, (name, value) =>
    vault.seal(Buffer.from(value), contextOf(message, name)),
  );

/** The headers as they were given. Throws if the vault does not open one of them. */
export const openHeaders = (
  vault: Vault,
  message: Message,
  stored: Message["headers"],
): Message["headers"] =>
  withSecrets(stored, (name, value) =>
    Buffer.from(vault.open(value, contextOf(message, name))).toString(),
  );
