import { join, resolve } from "node:path";
import { dynamoDbClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { ConfigurationError, environment } from "../adapters/environment.ts";
import { type OperatorAccess, readOperatorAccess } from "../adapters/operator-file.ts";
import { readIfThere } from "../adapters/private-file.ts";
import { readSettings, type SettingsOf } from "../adapters/read-settings.ts";
import { keyIdOf, masterKeyVault, parseMasterKey, type Vault } from "../adapters/vault.ts";
import type { Outside } from "./outside.ts";
import { Refused } from "./refused.ts";

const requestTimeoutMs = 10_000;

const settingsOrRefused = (): SettingsOf<"local"> => {
  try {
    return readSettings("local", environment());
  } catch (error) {
    if (error instanceof ConfigurationError) throw new Refused(error.message);
    throw error;
  }
};

const notRunning = (dataDir: string): Refused =>
  new Refused(
    `No local edition is running with the data directory ${dataDir}. Start it with npm start in another terminal. If it has another data directory, set POSTRIDER_DATA_DIR as for npm start.`,
  );

/** Whether a failed call shows that the edition which wrote the access does not run any more. */
const isGone = (error: unknown): boolean => {
  const { code, name, $metadata } = error as {
    readonly code?: string;
    readonly name?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  // 403: another process, or another start, has the port by now and refuses the key.
  return (
    code === "ECONNREFUSED" ||
    code === "ECONNRESET" ||
    name === "TimeoutError" ||
    $metadata?.httpStatusCode === 403
  );
};

/** Opens the vault of the running edition. Refuses other keys: it could not open what they seal. */
const openVault = async (settings: SettingsOf<"local">, access: OperatorAccess): Promise<Vault> => {
  const file = join(settings.dataDir, "master-key");
  const kept = parseMasterKey((await readIfThere(file)) ?? "");
  const keys = settings.masterKeys ?? (kept ? [kept] : []);
  const [newest] = keys;
  if (newest && keyIdOf(newest) === access.masterKeyId) return masterKeyVault(keys);
  throw new Refused(
    "The running local edition has another master key than this command. Set POSTRIDER_MASTER_KEY as for npm start.",
  );
};

/**
 * Opens the local edition that runs on this machine with the data directory of the environment, read
 * as `npm start` reads it. Throws Refused if none runs.
 */
export const localOutside = async (): Promise<Outside> => {
  const settings = settingsOrRefused();
  const dataDir = resolve(settings.dataDir);
  const access = await readOperatorAccess(dataDir);
  if (!access) throw notRunning(dataDir);
  const { table, endpoint, accessKeyId } = access;
  return {
    storage: { client: dynamoDbClient({ endpoint, accessKeyId, requestTimeoutMs }), table },
    clock: systemClock,
    openVault: () => openVault(settings, access),
    ask: async (calls) => {
      try {
        return await calls();
      } catch (error) {
        if (isGone(error)) throw notRunning(dataDir);
        if ((error as { $fault?: string }).$fault === "server")
          throw new Refused("The local edition cannot use its files now: see its log. Try again.");
        throw error;
      }
    },
  };
};
