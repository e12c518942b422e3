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

/** How long a sender is remembered, and so how long a rotation may go unnoticed by a worker. */
const rememberMs = 60_000;
const rememberedMax = 10_000;

const contextOf = (senderId: string): string => `signing-secret#${senderId}`;

/** A new signing secret, as its receivers are given it. */
export const newSecret = (): string => formatSecret(secretBytes(signingSecretBytes));

/**
 * The secret of a sender as it may be stored, whether it was made here or is one that receivers
 * hold already. Nothing if it is not a `whsec_` secret of Standard Webhooks.
 */
export const sealSecret = (
  vault: Vault,
  senderId: string,
  whsec: string,
  createdAt: number,
): SigningSecret | undefined =>
  parseSecret(whsec) && { sealed: vault.seal(Buffer.from(whsec), contextOf(senderId)), createdAt };

/** The `whsec_` text of a stored secret. Throws if the vault does not open it. */
export const openSecret = (vault: Vault, senderId: string, { sealed }: SigningSecret): string =>
  Buffer.from(vault.open(sealed, contextOf(senderId))).toString();

/** The secrets that sign what a sender delivers now, newest first. */
export type SecretsOf = (senderId: string) => Promise<readonly string[]>;

/**
 * Reads the secrets of senders, each at most once in `rememberMs`. What is remembered is sealed.
 *
 * Throws where there is none, or one that the vault does not open (a master key is missing): that
 * is a fault of ours, and neither an outcome nor a reason to sign with less.
 */
export const secretsReader = (deps: {
  readonly senders: SenderStore;
  readonly vault: Vault;
  readonly clock: Clock;
}): SecretsOf => {
  const { senders, vault, clock } = deps;
  const remembered = new LRUCache<string, readonly SigningSecret[]>({
    max: rememberedMax,
    ttl: rememberMs,
    ttlResolution: 0,
    perf: { now: clock },
    // A sender without secrets is not remembered: the first that it gets is used at once.
    fetchMethod: async (senderId) => (await senders.get(senderId))?.signingSecrets,
  });
  return async (senderId) => {
    const secrets = await remembered.fetch(senderId);
    if (!secrets)
      throw Object.assign(new Error("The sender has no signing secret"), {
        code: "SENDER_UNSIGNED",
      });
    return signingAt(secrets, clock()).map((secret) => openSecret(vault, senderId, secret));
  };
};

/** What became of a rotation; `raced`: another one was faster, and nothing was changed by this. */
export type RotationResult =
  | { readonly kind: "rotated"; readonly sender: Sender }
  | { readonly kind: "refused"; readonly why: "no-sender" | "not-a-secret" | "too-many" | "raced" };

/**
 * Puts a secret, made by `newSecret` or brought along, before those that a sender has. The others
 * sign for `overlapMs` more, a day if nothing is said. Workers learn of it within a minute: until
 * then they may sign without the new secret, and with one that has been ended at once.
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
  const rotation = rotate(sender.signingSecrets ?? [], next, overlapMs);
  if (rotation.kind === "too-many") return { kind: "refused", why: "too-many" };

  const changed = await senders.rotate(sender, rotation.secrets);
  return changed.kind === "done"
    ? { kind: "rotated", sender: { ...sender, signingSecrets: rotation.secrets } }
    : { kind: "refused", why: "raced" };
};
