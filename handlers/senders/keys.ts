import { secretBytes } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import { type ApiKey, formatApiKey, hashApiKey, keyEntropyBytes } from "../../domain/api-key.ts";
import type { ApiKeyStore } from "../../entities/api-key.ts";
import type { Registry } from "./registry.ts";

type OperatorDeps = { readonly apiKeys: ApiKeyStore; readonly clock: Clock };
export type KeyDeps = OperatorDeps & Pick<Registry, "senderEntries" | "keyEntries">;

/** What is asked of a new key. */
export type KeyAsked = Pick<ApiKey, "scopes" | "label" | "expiresAt">;

/** Returns the text of a new API key. */
export const newApiKey = (): string => formatApiKey(secretBytes(keyEntropyBytes));

/**
 * Creates a key of a sender. Does not change one that exists.
 *
 * The entries that list the sender and the key come first: a crash leaves entries of what does not
 * exist, which no list shows. The other order would leave a key that may be used and is not listed.
 * A sender of a version before there were entries gets its own here.
 */
export const createKey = async (
  { apiKeys, senderEntries, keyEntries, clock }: KeyDeps,
  asked: KeyAsked & { readonly senderId: string },
  apiKey: string,
): Promise<ApiKey> => {
  const { senderId, scopes, label, expiresAt } = asked;
  const key = { hash: hashApiKey(apiKey), senderId, scopes, label, expiresAt, createdAt: clock() };
  await senderEntries.add(senderId);
  await keyEntries.add(senderId, key.hash);
  await apiKeys.create(key);
  return key;
};

/** Creates a key of an operator: it belongs to no sender. Does not change one that exists. */
export const createOperatorKey = async (
  { apiKeys, clock }: OperatorDeps,
  { scopes, label, expiresAt }: KeyAsked,
  apiKey: string = newApiKey(),
): Promise<string> => {
  const hash = hashApiKey(apiKey);
  await apiKeys.create({ hash, scopes, label, expiresAt, createdAt: clock() });
  return apiKey;
};

/** Revokes a key. Returns it as it then is: one that was revoked before keeps that time. */
export const revokeKey = async (
  { apiKeys, clock }: OperatorDeps,
  hash: string,
): Promise<ApiKey | undefined> => {
  await apiKeys.revoke(hash, clock());
  return apiKeys.get(hash);
};
