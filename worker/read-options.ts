import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import { parseMasterKeys } from "../adapters/master-keys.ts";
import { embeddedMetrics, type Metrics, noMetrics } from "../adapters/metrics.ts";
import { metricsNamespace } from "../adapters/metrics-namespace.ts";
import { type Queue, sqsQueue } from "../adapters/queue.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";
import type { WorkerOptions } from "./options.ts";

export type WorkerSettings = SettingsOf<"ownWorker"> & {
  readonly queue: Queue | undefined;
  readonly vault: Vault | undefined;
  readonly metrics: Metrics;
};

/** Reads the options. Throws an error that names every fault; none shows a key. */
export const readOptions = ({
  queue,
  masterKeys,
  settings = {},
  metricsNamespace: namespace,
}: WorkerOptions): WorkerSettings => {
  const given = readGivenSettings("ownWorker", settings, { others: { POSTRIDER_SHARDS: "1" } });
  const keys = masterKeys === undefined ? undefined : parseMasterKeys(masterKeys);
  const isNamespace = namespace === undefined || metricsNamespace.pattern.test(namespace);
  const faults = [
    ...given.faults,
    ...(keys?.faults ?? []).map((fault) => `masterKeys: ${fault}`),
    ...(isNamespace ? [] : [`metricsNamespace: ${metricsNamespace.fault}`]),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults, []);
  return {
    ...given.read(),
    queue: queue && sqsQueue(queue.client, queue.url),
    vault: keys && masterKeyVault(keys.keys),
    metrics: namespace === undefined ? noMetrics : embeddedMetrics("worker", namespace),
  };
};
