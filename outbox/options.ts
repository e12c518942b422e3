import type { SQSClient } from "@aws-sdk/client-sqs";
import { ConfigurationError } from "../adapters/environment.ts";
import { readGivenSettings } from "../adapters/given-settings.ts";
import { parseMasterKeys } from "../adapters/master-keys.ts";
import type { SettingsOf } from "../adapters/read-settings.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";

export type OutboxOptions = {
  /** The deployment's queue. Without it the dispatcher sends the record, up to two minutes later. */
  readonly queue?: { readonly client: SQSClient; readonly url: string } | undefined;
  /** The deployment's master keys, as its secret has them. Secret headers need them. */
  readonly masterKeys?: string | undefined;
  /**
   * The deployment's settings that are not at their default, by variable, as `settings` of its stage
   * has them, and `POSTRIDER_LIST_ALL`. Without `POSTRIDER_SHARDS` messages use one partition of the
   * indexes, which every deployment has.
   */
  readonly settings?: Readonly<Record<string, string>> | undefined;
};

/** What the options say. Without a vault, no message can have secret headers. */
export type OutboxSettings = SettingsOf<"outbox"> & { readonly vault?: Vault | undefined };

/** Reads the options. Throws an error that names every fault; none shows a key. */
export const readOptions = ({ masterKeys, settings = {} }: OutboxOptions): OutboxSettings => {
  // A message in a shard that the dispatcher does not look at would be stranded. All look at `0`.
  const others = { POSTRIDER_SHARDS: "1" };
  const given = readGivenSettings("outbox", settings, { others });
  const keys = masterKeys === undefined ? undefined : parseMasterKeys(masterKeys);
  const faults = [...given.faults, ...(keys?.faults ?? []).map((fault) => `masterKeys: ${fault}`)];
  if (faults.length > 0) throw new ConfigurationError(faults, []);
  return { ...given.read(), vault: keys && masterKeyVault(keys.keys) };
};
