import { LRUCache } from "lru-cache";
import { secretBytes } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import { formatSecret, parseSecret } from "../domain/signature.ts";
import {
  rotate,
  type SigningSecret,
  signingAt,
  signingSecretBytes,
} from "../domain/signing-secrets.ts";
import type { Sender, SenderStore } from "../entities/sender.ts";

/** How long a sender is cached, and so how long a worker may miss a rotation. */
const rememberMs = 60_000;
const rememberedMax = 10_000;

const contextOf = (senderId: string): string => `signing-secret#${senderId}`;

/** Returns a new `whsec_` signing secret. */
export const newSecret = (): string => formatSecret(secretBytes(signingSecretBytes));

/**
 * Encrypts a sender's `whsec_` secret for storage. Returns `undefined` if it is not a valid one
 * (Standard Webhooks).
 */
export const sealSecret = (
  vault: Vault,
  senderId: string,
  whsec: string,
  createdAt: number,
): SigningSecret | undefined =>
  parseSecret(whsec) && { sealed: vault.seal(Buffer.from(whsec), contextOf(senderId)), createdAt };

/** Returns the `whsec_` text of a stored secret. Throws if the vault cannot decrypt it. */
export const openSecret = (vault: Vault, senderId: string, { sealed }: SigningSecret): string =>
  Buffer.from(vault.open(sealed, contextOf(senderId))).toString();

/** The secrets that sign a sender's deliveries now, newest first. */
export type SecretsOf = (senderId: string) => Promise<readonly string[]>;

/**
 * Reads the secrets of senders, each at most once per `rememberMs`, and decrypts each at most once:
 * it is kept as long as the encrypted one is, in a process that has the master key.
 *
 * Throws if there is none, or one that the vault cannot decrypt (a master key is missing): that is
 * a fault of ours, not an outcome of the attempt, and no reason to leave out a signature.
 */
export const secretsReader = (deps: {
  readonly senders: SenderStore;
  readonly vault: Vault;
  readonly clock: Clock;
}): SecretsOf => {
  const { senders, vault, clock } = deps;
  const remembered = new LRUCache<string, readonly SigningSecret[]>({
    // Counted by size: with `max` there is room for all of them from the start: a third of a megabyte.
    ...{ maxSize: rememberedMax, sizeCalculation: () => 1 },
    ttl: rememberMs,
    ttlResolution: 0,
    perf: { now: clock },
    // A sender without secrets is not cached: its first secret is used at once.
    fetchMethod: async (senderId) => (await senders.get(senderId))?.signingSecrets,
  });
  const opened = new WeakMap<SigningSecret, string>();
  const open = (senderId: string, secret: SigningSecret): string => {
    const text = opened.get(secret) ?? openSecret(vault, senderId, secret);
    opened.set(secret, text);
    return text;
  };
  return async (senderId) => {
    // Most senders are remembered: to fetch is dearer, whatever comes of it.
    const secrets = remembered.get(senderId) ?? (await remembered.fetch(senderId));
    if (!secrets)
      throw Object.assign(new Error("The sender has no signing secret"), {
        code: "SENDER_UNSIGNED",
      });
    return signingAt(secrets, clock()).map((secret) => open(senderId, secret));
  };
};

/** The result of a rotation. `raced`: another one was faster, and this one changed nothing. */
export type RotationResult =
  | { readonly kind: "rotated"; readonly sender: Sender }
  | {
      readonly kind: "refused";
      readonly why: "no-sender" | "not-a-secret" | "in-use" | "too-many" | "raced";
    };

/** Tells whether a stored secret is this one. One that the vault cannot decrypt is another one. */
const isSame = (vault: Vault, senderId: string, stored: SigningSecret, whsec: string): boolean => {
  try {
    return openSecret(vault, senderId, stored) === whsec;
  } catch {
    return false;
  }
};

/**
 * Puts a new secret before those of a sender. The previous secrets keep signing for `overlapMs`, a
 * day by default. Workers see the rotation within a minute: until then they may still sign without
 * the new secret, and with a secret that the rotation ended.
 *
 * Refuses a secret that signs already (`in-use`): a repeat would have it sign twice.
 */
export const rotateSecret = async (
  deps: { readonly senders: SenderStore; readonly vault: Vault; readonly clock: Clock },
  senderId: string,
  whsec: string,
  overlapMs?: number,
): Promise<RotationResult> => {
  const { senders, vault, clock } = deps;
  const next = sealSecret(vault, senderId, whsec, clock());
  if (!next) return { kind: "refused", why: "not-a-secret" };
  const sender = await senders.get(senderId);
  if (!sender) return { kind: "refused", why: "no-sender" };
  const signing = signingAt(sender.signingSecrets ?? [], clock());
  if (signing.some((secret) => isSame(vault, senderId, secret, whsec)))
    return { kind: "refused", why: "in-use" };
  const rotation = rotate(sender.signingSecrets ?? [], next, overlapMs);
  if (rotation.kind === "too-many") return { kind: "refused", why: "too-many" };

  const changed = await senders.rotate(sender, rotation.secrets);
  return changed.kind === "done"
    ? { kind: "rotated", sender: { ...sender, signingSecrets: rotation.secrets } }
    : { kind: "refused", why: "raced" };
};
