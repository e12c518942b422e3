import { secretBytes } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import { type ApiKey, formatApiKey, hashApiKey, keyEntropyBytes } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { senderStore } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";
import { newSecret, rotateSecret, sealSecret } from "./signing.ts";

type Deps = { readonly storage: Storage; readonly vault: Vault; readonly clock: Clock };

/** Returns the text of a new API key. */
export const newApiKey = (): string => formatApiKey(secretBytes(keyEntropyBytes));

/** The API key, and the signing secret if the sender got it by this call. */
export type Enrolled = { readonly apiKey: string; readonly whsec: string | undefined };

/**
 * Ensures that the sender exists and has a signing secret. Returns `whsec` if the sender got it,
 * and `undefined` if it has another one, which stays.
 */
const ensureSender = async (
  { storage, vault, clock }: Deps,
  senderId: string,
  whsec: string,
): Promise<string | undefined> => {
  const senders = senderStore(storage);
  const before = await senders.get(senderId);
  if (before?.signingSecrets?.length) return undefined;

  if (before) {
    // A version that did not sign created it.
    const rotation = await rotateSecret({ senders, vault, clock }, senderId, whsec);
    return rotation.kind === "rotated" ? whsec : undefined;
  }
  const createdAt = clock();
  const sealed = sealSecret(vault, senderId, whsec, createdAt);
  if (!sealed) throw new Error("The signing secret is not valid");
  // Of two concurrent calls one creates it.
  const created = await senders.create({ senderId, createdAt, signingSecrets: [sealed] });
  return created.kind === "done" ? whsec : undefined;
};

/**
 * Creates an API key, and its sender if it does not exist yet. `whsec`, a valid signing secret, is
 * used only if the sender has none. A call with the same `apiKey` again changes nothing.
 *
 * The key is stored first: a crash in between leaves a key that opens nothing and that nobody has
 * seen. The other order would leave a signing secret that nobody has seen.
 */
export const enrol = async (
  deps: Deps,
  asked: Pick<ApiKey, "senderId" | "scopes" | "label" | "expiresAt">,
  { apiKey = newApiKey(), whsec = newSecret() }: Partial<Enrolled> = {},
): Promise<Enrolled> => {
  const { senderId, scopes, label, expiresAt } = asked;
  await apiKeyStore(deps.storage).create({
    ...{ hash: hashApiKey(apiKey), senderId, scopes, label, expiresAt },
    createdAt: deps.clock(),
  });
  return { apiKey, whsec: await ensureSender(deps, senderId, whsec) };
};

/** Creates a sender and its key, as `enrol` does. Throws if the sender has a signing secret already. */
export const enrolNew = async (
  deps: Deps,
  asked: Parameters<typeof enrol>[1],
  given?: Partial<Enrolled>,
): Promise<{ readonly apiKey: string; readonly signingSecret: string }> => {
  const { apiKey, whsec } = await enrol(deps, asked, given);
  if (whsec === undefined) throw new Error(`The sender ${asked.senderId} exists already`);
  return { apiKey, signingSecret: whsec };
};
