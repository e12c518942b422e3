import { join } from "node:path";
import { readIfThere, writePrivately } from "../adapters/private-file.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { newMasterKey, parseMasterKey } from "../adapters/vault.ts";

/**
 * Returns the master keys that are configured, or else the one in the data directory, which is the
 * same at every start. It is made at the first one and written before anything is sealed with it: a
 * start that is killed in between has sealed nothing. A file that holds no key is left as it is,
 * since with another key nothing that is stored would open.
 */
export const masterKeys = async (settings: SettingsOf<"local">): Promise<readonly Uint8Array[]> => {
  if (settings.masterKeys) return settings.masterKeys;
  const file = join(settings.dataDir, "master-key");
  const stored = await readIfThere(file);
  const text = stored ?? newMasterKey();
  const key = parseMasterKey(text);
  if (!key) throw new Error(`${file} is not the base64 of 32 bytes.`);
  if (stored === undefined) await writePrivately(file, `${text}\n`);
  return [key];
};
