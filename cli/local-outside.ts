import { join, resolve } from "node:path";
import { dynamoDbClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import { ConfigurationError, environment } from "../adapters/environment.ts";
import { type OperatorAccess, readOperatorAccess } from "../adapters/operator-file.ts";
import { listenerAt } from "../adapters/operator-proof.ts";
import { readIfThere } from "../adapters/private-file.ts";
import { readSettings, type SettingsOf } from "../adapters/read-settings.ts";
import { keyIdOf, masterKeyVault, parseMasterKey, type Vault } from "../adapters/vault.ts";
import type { Outside } from "./outside.ts";
import { isDoubtful, isUnanswered, Refused } from "./refused.ts";

const requestTimeoutMs = 10_000;

const settingsOrRefused = (dataDir?: string): SettingsOf<"local"> => {
  const variables = environment();
  const given = dataDir === undefined ? {} : { POSTRIDER_DATA_DIR: dataDir };
  try {
    return readSettings("local", { ...variables, ...given });
  } catch (error) {
    if (error instanceof ConfigurationError) throw new Refused(error.message);
    throw error;
  }
};

/** Reads a file of the data directory, which may be another user's. */
const orRefused = async <Text>(read: Promise<Text>): Promise<Text> => {
  try {
    return await read;
  } catch (error) {
    throw new Refused((error as Error).message);
  }
};

/** Returns the access that the running edition wrote. Throws Refused if there is none that runs. */
const accessOf = async (dataDir: string): Promise<OperatorAccess> => {
  const access = await orRefused(readOperatorAccess(dataDir));
  const listener = access ? await listenerAt(access, requestTimeoutMs) : "gone";
  if (access && listener === "own") return access;
  throw new Refused(
    listener === "silent"
      ? `The local edition with the data directory ${dataDir} does not answer. It may be suspended or busy: see its terminal, and try again.`
      : `No local edition is running with the data directory ${dataDir}. Start it with npm start in another terminal. If it has another data directory, name that one with --data-dir.`,
  );
};

/** Opens the vault of the running edition. Refuses other keys: it could not open what they seal. */
const openVault = async (settings: SettingsOf<"local">, access: OperatorAccess): Promise<Vault> => {
  const file = join(settings.dataDir, "master-key");
  const kept = parseMasterKey((await orRefused(readIfThere(file))) ?? "");
  const keys = settings.masterKeys ?? (kept ? [kept] : []);
  const [newest] = keys;
  if (newest && keyIdOf(newest) === access.masterKeyId) return masterKeyVault(keys);
  throw new Refused(
    "The running local edition has another master key than this command. Set POSTRIDER_MASTER_KEY as for npm start.",
  );
};

/** Runs calls of the table of an edition that was there a moment ago. */
const ask = async <Result>(calls: () => Promise<Result>): Promise<Result> => {
  try {
    return await calls();
  } catch (thrown) {
    const error = thrown as Parameters<typeof isDoubtful>[0];
    const refused = (words: string) => new Refused(words, { isDoubtful: isDoubtful(error) });
    if (isUnanswered(error))
      throw refused(
        "The local edition stopped meanwhile, or is suspended. See its terminal, then try again.",
      );
    if (error.$fault === "server")
      throw refused("The local edition cannot use its files now: see its log. Try again.");
    throw error;
  }
};

/**
 * Opens the local edition that runs on this machine with a data directory, by default that of the
 * environment, which is read as `npm start` reads it. Throws Refused if none runs.
 */
export const localOutside = async (given?: string): Promise<Outside> => {
  const settings = settingsOrRefused(given);
  const access = await accessOf(resolve(settings.dataDir));
  const { table, endpoint, accessKeyId } = access;
  return {
    storage: { client: dynamoDbClient({ endpoint, accessKeyId, requestTimeoutMs }), table },
    clock: systemClock,
    openVault: () => openVault(settings, access),
    ask,
  };
};
