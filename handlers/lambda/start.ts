import { systemChance } from "../../adapters/chance.ts";
import { dynamoDbClient, sqsClient } from "../../adapters/clients.ts";
import { systemClock, systemSleep } from "../../adapters/clock.ts";
import { ConfigurationError, environment, unknownVariables } from "../../adapters/environment.ts";
import { lambdaLog } from "../../adapters/lambda-log.ts";
import { embeddedMetrics } from "../../adapters/metrics.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import {
  type FunctionName,
  readSettings,
  type SettingsOf,
  variablesReadBy,
} from "../../adapters/read-settings.ts";
import { masterKeysFrom, secretsManager } from "../../adapters/secrets.ts";
import { masterKeyVault, type Vault } from "../../adapters/vault.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";

/** The functions that reach the table and the queue. */
type Stored = Exclude<FunctionName, "deadLetter">;

/**
 * Reads the settings of a function, once for the life of its process. Throws a ConfigurationError
 * that names every fault, or every contradiction; then the function handles no event.
 */
export const settingsOf = <Name extends Stored | "senders">(
  name: Name,
  faultsOf: (settings: SettingsOf<Name>) => readonly string[] = () => [],
): SettingsOf<Name> => {
  const settings = readSettings(name, environment());
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new ConfigurationError(faults, unknownVariablesOf(name));
  return settings;
};

const unknownVariablesOf = (name: Stored | "senders"): readonly string[] =>
  unknownVariables(variablesReadBy(name), environment());

/** Returns the texts of the settings that are set. None of them is a secret. */
const given = (name: Stored) =>
  Object.fromEntries(variablesReadBy(name).map((variable) => [variable, environment()[variable]]));

/** Creates the dependencies of a function, and logs that it starts with these settings. */
export const outsideOf = (
  name: Stored,
  settings: Pick<SettingsOf<"api">, "table" | "queueUrl" | "metricsNamespace">,
) => {
  const storage = { client: dynamoDbClient(), table: settings.table };
  const log = lambdaLog(name);
  const warnings = unknownVariablesOf(name);
  log.line({ event: "start", settings: given(name), warnings });
  return {
    storage,
    log,
    metrics: embeddedMetrics(name, settings.metricsNamespace),
    queue: sqsQueue(sqsClient(), settings.queueUrl),
    clock: systemClock,
    sleep: systemSleep,
    chance: systemChance,
    messages: messageStore(storage),
    payloads: payloadStore(storage),
  };
};

/**
 * Opens the vault over the master keys in a secret. They are read once for the life of the process: a
 * new list of keys is used by the functions that start later.
 */
export const vaultOf = async (
  settings: Pick<SettingsOf<"api">, "masterKeySecret">,
): Promise<Vault> =>
  masterKeyVault(await masterKeysFrom(secretsManager(), settings.masterKeySecret));
