import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import type { ApiKey } from "../domain/api-key.ts";
import type { NewSender, Sender, SenderDefaults } from "../entities/sender.ts";
import { createKey, type KeyAsked, newApiKey } from "./senders/keys.ts";
import type { Registry } from "./senders/registry.ts";
import { newSecret, rotateSecret, sealSecret } from "./signing.ts";

export type EnrolDeps = Registry & { readonly vault: Vault; readonly clock: Clock };

/** The sender and key to create. The defaults apply to a new sender only. */
export type EnrolAsked = KeyAsked & {
  readonly senderId: string;
  readonly defaults?: SenderDefaults;
};

/** The API key, and the signing secret if the sender got it by this call. */
export type Enrolled = { readonly apiKey: string; readonly whsec: string | undefined };

/** The sender and the signing secret that a call gave to it. */
type SecretGiven = { readonly sender: Sender; readonly whsec: string };

/**
 * Ensures that the sender exists and has a signing secret. Returns `undefined` if it has another
 * one, which stays.
 */
const ensureSender = async (
  { senders, vault, clock }: EnrolDeps,
  { senderId, defaults }: EnrolAsked,
  whsec: string,
): Promise<SecretGiven | undefined> => {
  const before = await senders.get(senderId);
  if (before?.signingSecrets?.length) return undefined;

  if (before) {
    // A version that did not sign created it.
    const rotation = await rotateSecret({ senders, vault, clock }, senderId, whsec);
    return rotation.kind === "rotated" ? { sender: rotation.sender, whsec } : undefined;
  }
  const createdAt = clock();
  const sealed = sealSecret(vault, senderId, whsec, createdAt);
  if (!sealed) throw new Error("The signing secret is not valid");
  const sender: NewSender = { ...defaults, senderId, createdAt, signingSecrets: [sealed] };
  // Of two concurrent calls one creates it.
  const created = await senders.create(sender);
  return created.kind === "done" ? { sender, whsec } : undefined;
};

/** Does what `enrol` does, and returns also what it stored. */
export const enrolWith = async (
  deps: EnrolDeps,
  asked: EnrolAsked,
  { apiKey, whsec }: { readonly apiKey: string; readonly whsec: string },
): Promise<{ readonly key: ApiKey; readonly given: SecretGiven | undefined }> => {
  const key = await createKey(deps, asked, apiKey);
  return { key, given: await ensureSender(deps, asked, whsec) };
};

/**
 * Creates an API key, and its sender if it does not exist yet. `whsec`, a valid signing secret, is
 * used only if the sender has none. A call with the same `apiKey` again changes nothing.
 *
 * The key is stored first: a crash in between leaves a key that opens nothing and that nobody has
 * seen. The other order would leave a signing secret that nobody has seen.
 */
export const enrol = async (
  deps: EnrolDeps,
  asked: EnrolAsked,
  { apiKey = newApiKey(), whsec = newSecret() }: Partial<Enrolled> = {},
): Promise<Enrolled> => {
  const { given } = await enrolWith(deps, asked, { apiKey, whsec });
  return { apiKey, whsec: given?.whsec };
};

/** Creates a sender and its key, as `enrol` does. Throws if the sender has a signing secret already. */
export const enrolNew = async (
  deps: EnrolDeps,
  asked: EnrolAsked,
  given?: Partial<Enrolled>,
): Promise<{ readonly apiKey: string; readonly signingSecret: string }> => {
  const { apiKey, whsec } = await enrol(deps, asked, given);
  if (whsec === undefined) throw new Error(`The sender ${asked.senderId} exists already`);
  return { apiKey, signingSecret: whsec };
};
