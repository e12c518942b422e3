import type { SecretVersions } from "../../adapters/secret-versions.ts";
import { type ApiKey, hashApiKey, isApiKey, isUsable, keyIdOf } from "../../domain/api-key.ts";
import { Problem } from "../../domain/problem.ts";
import type { DefaultsChange, Sender, SenderDefaults } from "../../entities/sender.ts";
import { type EnrolDeps, enrolWith } from "../enrol.ts";
import { createKey, newApiKey } from "../senders/keys.ts";
import { newSecret } from "../signing.ts";
import type { Declared, Owned } from "./event.ts";
import type { Recorded } from "./recorded.ts";

export type ProvisionDeps = EnrolDeps & { readonly secrets: SecretVersions };
/** To retire a key takes no master key. */
export type RetireDeps = Omit<ProvisionDeps, "vault">;

/** A key that is to be, or is, the sender's: its text, which only the secret has. */
export type Proposed = { readonly apiKey: string; readonly hash: string; readonly keyId: string };

/** The text of a secret, as its readers parse it. */
const secretText = (senderId: string, apiKey: string): string =>
  JSON.stringify({ senderId, apiKey });

/** Returns the key in the text of a secret. Throws if there is none. */
export const keyIn = (text: string): Proposed => {
  const { apiKey } = Object(JSON.parse(text)) as { readonly apiKey?: unknown };
  if (typeof apiKey !== "string" || !isApiKey(apiKey))
    throw new Error("The version of the secret has no API key");
  const hash = hashApiKey(apiKey);
  return { apiKey, hash, keyId: keyIdOf(hash) };
};

/**
 * Returns the key that is declared: a new one, or that of an earlier try. It is put into the secret
 * first, as a version that nobody reads yet. A crash after it leaves a key that opens nothing, which
 * the next try finds there; the other order would leave a key that opens messages and is lost.
 */
export const proposeKey = async (
  { secrets }: ProvisionDeps,
  { senderId, secretId, versionId }: Declared,
): Promise<Proposed> =>
  keyIn(await secrets.propose(secretId, versionId, secretText(senderId, newApiKey())));

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const defaultNames = ["scheduleMs", "maxAttempts", "timeoutMs", "retentionDays"] as const;

/** Returns what must change for a sender to have these defaults and no others. */
const differenceOf = (sender: Sender, declared: SenderDefaults): DefaultsChange =>
  Object.fromEntries(
    defaultNames
      .filter((name) => !same(sender[name], declared[name]))
      .map((name) => [name, declared[name] ?? null]),
  );

const ended = ({ keyVersion }: Declared): Problem =>
  new Problem(
    "INVALID_STATE",
    `keyVersion ${keyVersion} had a key before, which has ended. Take a number that was never used.`,
  );

/** Ensures that the sender and the key are stored. A sender that exists gets the key besides its others. */
const ensureStored = async (
  deps: ProvisionDeps,
  recorded: Recorded,
  declared: Declared,
  { apiKey, keyId }: Proposed,
  known: ApiKey | undefined,
): Promise<void> => {
  const { senderId, defaults, scopes, keyVersion } = declared;
  const label = `made by ${recorded.stackName}, keyVersion ${keyVersion}`;
  const asked = { senderId, defaults, scopes, label };
  const sender = await deps.senders.get(senderId);
  if (!sender?.signingSecrets?.length)
    // The key is stored before the sender. A crash between them leaves a key of no sender; the next
    // try stores the same key again, which changes nothing, and then the sender.
    await recorded.change({ senderId, change: "create-sender", madeKeyId: keyId }, () =>
      enrolWith(deps, asked, { apiKey, whsec: newSecret() }),
    );
  else if (!known)
    await recorded.change({ senderId, change: "create-key", madeKeyId: keyId }, () =>
      createKey(deps, asked, apiKey),
    );
  // An update that is rolled back: the key was to end, and is the sender's again.
  else if (known.expiresAt !== undefined)
    await recorded.change({ senderId, change: "create-key", madeKeyId: keyId }, () =>
      deps.apiKeys.keep(known.hash, deps.clock()),
    );
};

const ensureDefaults = async (
  { senders }: ProvisionDeps,
  recorded: Recorded,
  { senderId, defaults: declared }: Declared,
): Promise<void> => {
  const sender = await senders.get(senderId);
  if (!sender) throw new Error("The sender that was stored is not there");
  const defaults = differenceOf(sender, declared);
  if (Object.keys(defaults).length > 0)
    await recorded.change({ senderId, change: "change-sender", defaults }, () =>
      senders.change(senderId, defaults),
    );
};

/**
 * Ensures that the sender, its defaults and its key are as declared, and that the secret has this key.
 * Another call with the same changes nothing. Throws INVALID_STATE if the key has ended.
 *
 * The secret is last: whoever reads it then gets a key that works. A crash before it leaves the
 * previous key in the secret, which works too; the next try goes on from there.
 */
export const establish = async (
  deps: ProvisionDeps,
  recorded: Recorded,
  declared: Declared,
  key: Proposed,
): Promise<void> => {
  const known = await deps.apiKeys.get(key.hash);
  if (known && !isUsable(known, deps.clock())) throw ended(declared);
  await ensureStored(deps, recorded, declared, key, known);
  await ensureDefaults(deps, recorded, declared);
  await deps.secrets.makeCurrent(declared.secretId, declared.versionId);
};

/** Finds a key of a sender by its ids. */
const findKey = async (
  { keyEntries, apiKeys }: RetireDeps,
  { senderId, keyId }: Owned,
): Promise<ApiKey | undefined> => {
  const hash = await keyEntries.hashOf(senderId, keyId);
  return hash === undefined ? undefined : apiKeys.get(hash);
};

/** Has a key that was replaced end after the overlap. One that ends sooner, or has ended, stays so. */
export const endAfter = async (
  deps: RetireDeps,
  recorded: Recorded,
  owned: Owned,
  overlapMs: number,
): Promise<void> => {
  const key = await findKey(deps, owned);
  if (!key || key.expiresAt !== undefined || key.revokedAt !== undefined) return;
  const { senderId, keyId } = owned;
  await recorded.change({ senderId, change: "revoke-key", revokedKeyId: keyId, overlapMs }, () =>
    deps.apiKeys.endAt(key.hash, deps.clock() + overlapMs),
  );
};

/**
 * Revokes a key at once. One that has an end was replaced by another one, and keeps its overlap. The
 * sender and its messages stay: they may be on their way, and are deleted when they expire.
 */
export const revoke = async (
  deps: RetireDeps,
  recorded: Recorded,
  { senderId, keyId }: Owned,
): Promise<void> => {
  const key = await findKey(deps, { senderId, keyId });
  if (!key || key.expiresAt !== undefined || key.revokedAt !== undefined) return;
  await recorded.change({ senderId, change: "revoke-key", revokedKeyId: keyId }, () =>
    deps.apiKeys.revoke(key.hash, deps.clock()),
  );
};
