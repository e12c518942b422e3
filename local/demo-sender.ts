import { join, resolve } from "node:path";
import { secretBytes } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import type { Vault } from "../adapters/vault.ts";
import { formatApiKey, hashApiKey, isApiKey, keyEntropyBytes, scopes } from "../domain/api-key.ts";
import type { SigningSecret } from "../domain/signing-secrets.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { type SenderStore, senderStore } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";
import { newSecret, openSecret, sealSecret } from "../handlers/signing.ts";
import { readIfThere, writePrivately } from "./private-file.ts";

/** The sender that the local edition has from its first start. */
export type Demo = {
  readonly senderId: string;
  readonly apiKey: string;
  /** What its receivers verify with. */
  readonly signingSecret: string;
};

const senderId = "demo";

type Deps = { readonly senders: SenderStore; readonly vault: Vault; readonly clock: Clock };

const opened = (vault: Vault, secret: SigningSecret): string => {
  try {
    return openSecret(vault, senderId, secret);
  } catch (cause) {
    throw new Error(
      "What is stored was sealed with another master key. Put that one back, or start with another data directory.",
      { cause },
    );
  }
};

/** Sees to it that the sender is there and has a signing secret; the newest that it has. */
const ensureSender = async ({ senders, vault, clock }: Deps): Promise<string> => {
  const sender = await senders.get(senderId);
  const [newest] = sender?.signingSecrets ?? [];
  if (newest) return opened(vault, newest);

  const signingSecret = newSecret();
  const createdAt = clock();
  const first = sealSecret(vault, senderId, signingSecret, createdAt);
  if (!first) throw new Error("A new signing secret is none");
  if (!sender) await senders.create({ senderId, createdAt, signingSecrets: [first] });
  // A version that did not sign made it.
  else await senders.rotate(sender, [first]);
  return signingSecret;
};

/**
 * The key in the data directory, which is made at the first start. A file that holds none is left
 * as it is: whoever has the old key would be shut out by a new one, and the text may be all that is
 * left of it.
 */
const keptKey = async (dataDir: string): Promise<string> => {
  const file = join(dataDir, "demo-key");
  const stored = await readIfThere(file);
  if (stored === undefined) {
    const apiKey = formatApiKey(secretBytes(keyEntropyBytes));
    await writePrivately(file, `${apiKey}\n`);
    return apiKey;
  }
  if (isApiKey(stored)) return stored;
  throw new Error(
    `${resolve(file)} does not hold an API key (prk_…). Put the right one back, or delete the file to have a new one made.`,
  );
};

/**
 * The demo sender, its key and its signing secret, which are the same at every start. The key is
 * written to the data directory before the table knows it: a start that is killed in between is
 * made good by the next. The secret is in the table only, sealed.
 */
export const demoSender = async (
  storage: Storage,
  vault: Vault,
  dataDir: string,
  clock: Clock,
): Promise<Demo> => {
  const apiKey = await keptKey(dataDir);
  const signingSecret = await ensureSender({ senders: senderStore(storage), vault, clock });
  await apiKeyStore(storage).create({
    hash: hashApiKey(apiKey),
    senderId,
    scopes,
    label: "made at the first start",
    createdAt: clock(),
  });
  return { senderId, apiKey, signingSecret };
};
