import { systemChance } from "../../adapters/chance.ts";
import { dynamoDbClient, sqsClient } from "../../adapters/clients.ts";
import { systemClock, systemSleep } from "../../adapters/clock.ts";
import { ConfigurationError, environment } from "../../adapters/environment.ts";
import { lambdaLog } from "../../adapters/log.ts";
import { embeddedMetrics } from "../../adapters/metrics.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import { masterKeysFrom, secretsManager } from "../../adapters/secrets.ts";
import {
  type FunctionName,
  type FunctionSettings,
  functionVariables,
  readSettings,
  unknownVariables,
} from "../../adapters/settings.ts";
import { masterKeyVault, type Vault } from "../../adapters/vault.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";

/** The functions that reach the table and the queue. */
type Stored = Exclude<FunctionName, "deadLetter">;

/**
 * Reads the settings of a function, once for the life of the process. Throws a ConfigurationError
 * that names every fault, or all that cannot go together, and the function takes no event.
 */
export const settingsOf = <Name extends Stored>(
  name: Name,
  faultsOf: (settings: FunctionSettings<Name>) => readonly string[] = () => [],
): FunctionSettings<Name> => {
  const settings = readSettings(functionVariables[name], environment()) as FunctionSettings<Name>;
  const faults = faultsOf(settings);
  if (faults.length > 0)
    throw new ConfigurationError(faults, unknownVariables(functionVariables[name], environment()));
  return settings;
};

/** What a function was told, as text; the rest has its fallback. None of it is a secret. */
const given = (name: Stored) =>
  Object.fromEntries(
    Object.keys(functionVariables[name]).map((variable) => [variable, environment()[variable]]),
  );

/** What a function reaches the outside through; says in the log that it starts, and with what. */
export const outsideOf = (
  name: Stored,
  settings: Pick<
    FunctionSettings<Stored>,
    "POSTRIDER_TABLE" | "POSTRIDER_QUEUE_URL" | "POSTRIDER_METRICS_NAMESPACE"
  >,
) => {
  const storage = { client: dynamoDbClient(), table: settings.POSTRIDER_TABLE };
  const log = lambdaLog(name);
  const warnings = unknownVariables(functionVariables[name], environment());
  log.line({ event: "start", settings: given(name), warnings });
  return {
    storage,
    log,
    metrics: embeddedMetrics(name, settings.POSTRIDER_METRICS_NAMESPACE),
    queue: sqsQueue(sqsClient(), settings.POSTRIDER_QUEUE_URL),
    clock: systemClock,
    sleep: systemSleep,
    chance: systemChance,
    messages: messageStore(storage),
    payloads: payloadStore(storage),
  };
};

/**
 * The vault over the master keys in a secret. They are read once for the life of the process, so
 * another list of keys is known to the functions that start after it was stored.
 */
export const vaultOf = async (settings: FunctionSettings<"api" | "worker">): Promise<Vault> =>
  masterKeyVault(await masterKeysFrom(secretsManager(), settings.POSTRIDER_MASTER_KEY_SECRET));
