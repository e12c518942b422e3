import { join, resolve } from "node:path";
import type { Clock } from "../adapters/clock.ts";
import { readIfThere, writePrivately } from "../adapters/private-file.ts";
import type { Vault } from "../adapters/vault.ts";
import { isApiKey, operatorScopes, scopes } from "../domain/api-key.ts";
import { senderStore } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";
import { enrol } from "../handlers/enrol.ts";
import { createOperatorKey, newApiKey } from "../handlers/senders/keys.ts";
import { registryOf } from "../handlers/senders/registry.ts";
import { openSecret } from "../handlers/signing.ts";

/** The sender and the operator key that the local edition has from its first start. */
export type Demo = {
  readonly senderId: string;
  readonly apiKey: string;
  /** What its receivers verify with. */
  readonly signingSecret: string;
  /** A key that manages the senders of this edition. */
  readonly operatorKey: string;
};

const senderId = "demo";
const label = "made at the first start";

/** Returns the newest signing secret of the demo sender, which exists. */
const newestSecret = async (storage: Storage, vault: Vault): Promise<string> => {
  const [newest] = (await senderStore(storage).get(senderId))?.signingSecrets ?? [];
  if (!newest) throw new Error("The demo sender has no signing secret");
  try {
    return openSecret(vault, senderId, newest);
  } catch (cause) {
    throw new Error(
      "The stored secrets were encrypted with another master key. Put that key back, or start with another data directory.",
      { cause },
    );
  }
};

/**
 * Returns a key in a file of the data directory, which the first start creates. A file without a valid key is
 * left alone: a new key would lock out whoever has the old one, and the text may be all that is left.
 */
const keptKey = async (dataDir: string, name: string): Promise<string> => {
  const file = join(dataDir, name);
  const stored = await readIfThere(file);
  if (stored === undefined) {
    const apiKey = newApiKey();
    await writePrivately(file, `${apiKey}\n`);
    return apiKey;
  }
  if (isApiKey(stored)) return stored;
  throw new Error(
    `${resolve(file)} does not hold an API key (prk_…). Put the right one back, or delete the file to have a new one made.`,
  );
};

/**
 * Returns the demo sender with its key and signing secret, and the operator key, the same at every
 * start. The keys are written to the data directory before they are stored in the table: the next start
 * completes a start that was killed in between. The secret is in the table only, encrypted.
 */
export const demoSender = async (
  storage: Storage,
  vault: Vault,
  dataDir: string,
  clock: Clock,
): Promise<Demo> => {
  const apiKey = await keptKey(dataDir, "demo-key");
  const operatorKey = await keptKey(dataDir, "demo-operator-key");
  const deps = { ...registryOf(storage), vault, clock };
  const { whsec } = await enrol(deps, { senderId, scopes, label }, { apiKey });
  await createOperatorKey(deps, { scopes: operatorScopes, label }, operatorKey);
  const signingSecret = whsec ?? (await newestSecret(storage, vault));
  return { senderId, apiKey, signingSecret, operatorKey };
};
