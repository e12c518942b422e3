import { secretBytes } from "../adapters/chance.ts";
import type { Vault } from "../adapters/vault.ts";
import { type ApiKey, formatApiKey, hashApiKey, keyEntropyBytes } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { senderStore } from "../entities/sender.ts";
import { rotateSecret, sealSecret } from "../handlers/signing.ts";
import type { Outside } from "./outside.ts";

type Deps = Pick<Outside, "storage" | "clock"> & { readonly vault: Vault };

/** A key that was made, and the signing secret if the sender has got the one that was given. */
export type Enrolled = { readonly apiKey: string; readonly whsec: string | undefined };

/**
 * Sees to it that the sender is there and has a signing secret. Resolves to the one that was given
 * if the sender has it now, and to nothing if it has another one, which stays.
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
    // A version that did not sign made it.
    const rotation = await rotateSecret({ senders, vault, clock }, senderId, whsec);
    return rotation.kind === "rotated" ? whsec : undefined;
  }
  const createdAt = clock();
  const sealed = sealSecret(vault, senderId, whsec, createdAt);
  if (!sealed) throw new Error("A signing secret that was checked is none");
  await senders.create({ senderId, createdAt, signingSecrets: [sealed] });
  // Of two that make it at once, one is stored; no two sealed texts are the same.
  const stored = await senders.get(senderId);
  const isMine = stored?.signingSecrets?.some((each) => each.sealed === sealed.sealed);
  return isMine ? whsec : undefined;
};

/**
 * Makes an API key, and its sender if that is not there yet. `whsec` must be a secret that
 * `parseSecret` takes; it counts only where the sender has none.
 *
 * The key is stored first: without its sender it opens nothing, and nobody has seen it. The other
 * way round, a failure in between would leave a signing secret that nobody has ever seen.
 */
export const enrol = async (
  deps: Deps,
  asked: Pick<ApiKey, "senderId" | "scopes" | "label" | "expiresAt">,
  whsec: string,
): Promise<Enrolled> => {
  const apiKey = formatApiKey(secretBytes(keyEntropyBytes));
  const { senderId, scopes, label, expiresAt } = asked;
  await apiKeyStore(deps.storage).create({
    ...{ hash: hashApiKey(apiKey), senderId, scopes, label, expiresAt },
    createdAt: deps.clock(),
  });
  return { apiKey, whsec: await ensureSender(deps, senderId, whsec) };
};
