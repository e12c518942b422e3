import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { secretBytes } from "../adapters/chance.ts";
import type { Clock } from "../adapters/clock.ts";
import { formatApiKey, hashApiKey, isApiKey, keyEntropyBytes, scopes } from "../domain/api-key.ts";
import { apiKeyStore } from "../entities/api-key.ts";
import { senderStore } from "../entities/sender.ts";
import type { Storage } from "../entities/storage.ts";

/** The sender that the local edition has from its first start. */
export type Demo = { readonly senderId: string; readonly apiKey: string };

const senderId = "demo";

/** Writes a file that only its owner can read; whoever looks sees all of it, or the one before. */
export const writePrivately = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
};

const storedKey = async (file: string): Promise<string | undefined> => {
  try {
    const key = (await readFile(file, "utf8")).trim();
    return isApiKey(key) ? key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};

/**
 * The demo sender and its key, which is the same at every start. The key is written to the data
 * directory before the table knows it: a start that is killed in between is made good by the next.
 */
export const demoSender = async (
  storage: Storage,
  dataDir: string,
  clock: Clock,
): Promise<Demo> => {
  const file = join(dataDir, "demo-key");
  const stored = await storedKey(file);
  const apiKey = stored ?? formatApiKey(secretBytes(keyEntropyBytes));
  if (stored === undefined) await writePrivately(file, `${apiKey}\n`);

  const createdAt = clock();
  await senderStore(storage).create({ senderId, createdAt });
  await apiKeyStore(storage).create({
    hash: hashApiKey(apiKey),
    senderId,
    scopes,
    label: "made at the first start",
    createdAt,
  });
  return { senderId, apiKey };
};
