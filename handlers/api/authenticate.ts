import { LRUCache } from "lru-cache";
import type { Clock } from "../../adapters/clock.ts";
import {
  type ApiKey,
  hashApiKey,
  isApiKey,
  isUsable,
  keyIdOf,
  type Scope,
} from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApiKeyStore } from "../../entities/api-key.ts";
import type { Sender, SenderStore } from "../../entities/sender.ts";

/** Who makes a request: `keyId` is what may be logged of the key. */
export type Caller = { readonly sender: Sender; readonly keyId: string };

/** Finds out who makes a request by its `Authorization` header, and whether it may. */
export type Authenticate = (authorization: string | undefined, scope: Scope) => Promise<Caller>;

type Known = { readonly apiKey: ApiKey; readonly sender: Sender };

/** How long a key is remembered, and so how long a revoked one may still be used. */
const rememberMs = 60_000;
const rememberedMax = 10_000;

/** The same answer whatever is wrong with the key: which keys exist is nobody's business. */
const unauthenticated = (): Problem =>
  new Problem("UNAUTHENTICATED", "Send a valid API key as `Authorization: Bearer <key>`.");

/**
 * Keys are looked up by their hash, so no comparison tells by its time how much of a guess was
 * right. Only keys that exist are remembered: one that was just created works at once.
 */
export const authenticator = (deps: {
  readonly apiKeys: ApiKeyStore;
  readonly senders: SenderStore;
  readonly clock: Clock;
}): Authenticate => {
  const { apiKeys, senders, clock } = deps;
  const lookUp = async (hash: string): Promise<Known | undefined> => {
    const apiKey = await apiKeys.get(hash);
    const sender = apiKey && (await senders.get(apiKey.senderId));
    return sender && { apiKey, sender };
  };

  const remembered = new LRUCache<string, Known>({
    max: rememberedMax,
    ttl: rememberMs,
    ttlResolution: 0,
    perf: { now: clock },
    // Many requests with one key at once are one look-up.
    fetchMethod: lookUp,
  });

  return async (authorization, scope) => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (!isApiKey(key)) throw unauthenticated();
    const hash = hashApiKey(key);
    const known = await remembered.fetch(hash);
    if (!known || !isUsable(known.apiKey, clock())) throw unauthenticated();
    if (!known.apiKey.scopes.includes(scope))
      throw new Problem("FORBIDDEN", `This API key does not have the scope ${scope}.`);
    return { sender: known.sender, keyId: keyIdOf(hash) };
  };
};
