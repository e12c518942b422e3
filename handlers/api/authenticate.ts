import type { MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../adapters/clock.ts";
import type { DoneBy } from "../../domain/action-entry.ts";
import {
  type ApiKey,
  hashApiKey,
  isApiKey,
  isUsable,
  keyIdOf,
  type OperatorScope,
  type Scope,
} from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApiKeyStore } from "../../entities/api-key.ts";
import type { Sender, SenderStore } from "../../entities/sender.ts";
import { type ApiEnv, callerAddress } from "./env.ts";

/** The sender that makes a request. `keyId` may be logged; the key may not. */
type Holder = { readonly sender: Sender; readonly keyId: string };

/** A sender that makes a request, and from which address if that is known. */
export type Caller = Holder & { readonly address?: string | undefined };

/** Returns who does what the caller asks for. */
export const doneBy = ({ keyId, address }: Caller): DoneBy => ({ keyId, address });

/** The operator that makes a request, known by the key alone, and from which address if known. */
export type Operator = { readonly keyId: string; readonly address?: string | undefined };

/**
 * Returns who makes a request, by its `Authorization` header. Throws UNAUTHENTICATED without a
 * valid key, and FORBIDDEN if the key lacks the scope. A key is either a sender's or an operator's:
 * a scope of the other kind is of no use on it, even if it is stored with the key.
 */
export type Authenticate = {
  readonly sender: (authorization: string | undefined, scope: Scope) => Promise<Holder>;
  readonly operator: (authorization: string | undefined, scope: OperatorScope) => Promise<Operator>;
  /** Returns whose key this is, or nothing if it is not valid, whatever is wrong with it. */
  readonly identify: (apiKey: string) => Promise<Identity | undefined>;
};

/** Whose key a key is, and what it may be used for. */
export type Identity = { readonly keyId: string; readonly scopes: ApiKey["scopes"] } & (
  | { readonly holder: "sender"; readonly senderId: string }
  | { readonly holder: "operator" }
);

const identityOf = ({ apiKey: { hash, scopes }, sender }: Known): Identity => {
  const key = { keyId: keyIdOf(hash), scopes };
  return sender
    ? { ...key, holder: "sender", senderId: sender.senderId }
    : { ...key, holder: "operator" };
};

/** A key, and its sender unless it is an operator's. */
type Known = { readonly apiKey: ApiKey; readonly sender?: Sender };

/** How long a key is cached, and so how long a revoked one may still work. */
const rememberMs = 60_000;
const rememberedMax = 10_000;

/**
 * Returns the same answer whatever is wrong with the key, so that nobody learns which keys exist.
 */
const unauthenticated = (): Problem =>
  new Problem("UNAUTHENTICATED", "Send a valid API key as `Authorization: Bearer <key>`.");

const forbidden = (scope: Scope | OperatorScope): Problem =>
  new Problem("FORBIDDEN", `This API key does not have the scope ${scope}.`);
/** No scope would help: the key is of the other kind. */
const otherKind = (has: string, needs: string): Problem =>
  new Problem("FORBIDDEN", `This is the key of ${has}. Use one of ${needs}.`);

/**
 * Returns an `Authenticate` over the stores. Keys are looked up by hash, so timing reveals nothing
 * about a key. Only existing keys are cached: a new one works at once.
 */
export const authenticator = (deps: {
  readonly apiKeys: ApiKeyStore;
  readonly senders: SenderStore;
  readonly clock: Clock;
}): Authenticate => {
  const { apiKeys, senders, clock } = deps;
  const lookUp = async (hash: string): Promise<Known | undefined> => {
    const apiKey = await apiKeys.get(hash);
    if (apiKey?.senderId === undefined) return apiKey && { apiKey };
    const sender = await senders.get(apiKey.senderId);
    return sender && { apiKey, sender };
  };

  const remembered = new LRUCache<string, Known>({
    // Counted by size: with `max` there is room for all of them from the start: a third of a megabyte.
    ...{ maxSize: rememberedMax, sizeCalculation: () => 1 },
    ttl: rememberMs,
    ttlResolution: 0,
    perf: { now: clock },
    // Concurrent requests with one key share one look-up.
    fetchMethod: lookUp,
  });

  const knownBy = async (key: string): Promise<Known | undefined> => {
    const known = isApiKey(key) ? await remembered.fetch(hashApiKey(key)) : undefined;
    return known && isUsable(known.apiKey, clock()) ? known : undefined;
  };
  const keyIn = async (authorization: string | undefined): Promise<Known> => {
    const [, key = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    const known = await knownBy(key);
    if (!known) throw unauthenticated();
    return known;
  };

  return {
    sender: async (authorization, scope) => {
      const { apiKey, sender } = await keyIn(authorization);
      if (!sender) throw otherKind("an operator", "a sender");
      if (!apiKey.scopes.includes(scope)) throw forbidden(scope);
      return { sender, keyId: keyIdOf(apiKey.hash) };
    },
    operator: async (authorization, scope) => {
      const { apiKey, sender } = await keyIn(authorization);
      if (sender) throw otherKind("a sender", "an operator");
      if (!apiKey.scopes.includes(scope)) throw forbidden(scope);
      return { keyId: keyIdOf(apiKey.hash) };
    },
    identify: async (key) => {
      const known = await knownBy(key);
      return known && identityOf(known);
    },
  };
};

/**
 * Lets a request pass if its key is a sender's and has the scope, and sets `caller`. Refuses every
 * other one.
 */
export const requireScope =
  (authenticate: Authenticate, scope: Scope): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const holder = await authenticate.sender(context.req.header("authorization"), scope);
    const caller = { ...holder, address: callerAddress(context.env) };
    context.set("caller", caller);
    context.set("about", { ...context.var.about, senderId: caller.sender.senderId });
    await next();
  };

/** The same for an operator's key: sets `operator`. */
export const requireOperator =
  (authenticate: Authenticate, scope: OperatorScope): MiddlewareHandler<ApiEnv> =>
  async (context, next) => {
    const operator = await authenticate.operator(context.req.header("authorization"), scope);
    context.set("operator", { ...operator, address: callerAddress(context.env) });
    await next();
  };
