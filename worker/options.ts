import type { SQSClient } from "@aws-sdk/client-sqs";
import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import type { Log } from "../adapters/log.ts";
import { parseMasterKeys } from "../adapters/master-keys.ts";
import { type Queue, sqsQueue } from "../adapters/queue.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";

export type WorkerOptions = {
  /** The deployment's queue. Without it the dispatcher sends the record of a retry: up to two minutes later. */
  readonly queue?: { readonly client: SQSClient; readonly url: string } | undefined;
  /** The deployment's master keys, as its secret has them. Secret headers are read with them. */
  readonly masterKeys?: string | undefined;
  /**
   * The deployment's settings that are not at their default, by variable, as `settings` of its stage
   * has them. Without `POSTRIDER_SHARDS` outcomes are counted in one partition.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Takes the line about each attempt, and our failures. Default: JSON on standard output. */
  readonly log?: Log | undefined;
};

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
