import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import { parseMasterKeys } from "../adapters/master-keys.ts";
import { type Queue, sqsQueue } from "../adapters/queue.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";
import type { WorkerOptions } from "./options.ts";

export type WorkerSettings = SettingsOf<"ownWorker"> & {
  readonly queue: Queue | undefined;
  readonly vault: Vault | undefined;
};

/** Reads the options. Throws an error that names every fault; none shows a key. */
export const readOptions = ({
  queue,
  masterKeys,
  settings = {},
}: WorkerOptions): WorkerSettings => {
  const given = readGivenSettings("ownWorker", settings, { others: { POSTRIDER_SHARDS: "1" } });
  const keys = masterKeys === undefined ? undefined : parseMasterKeys(masterKeys);
  const faults = [...given.faults, ...(keys?.faults ?? []).map((fault) => `masterKeys: ${fault}`)];
  if (faults.length > 0) throw new ConfigurationError(faults, []);
  return {
    ...given.read(),
    queue: queue && sqsQueue(queue.client, queue.url),
    vault: keys && masterKeyVault(keys.keys),
  };
};
