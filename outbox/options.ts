import type { SQSClient } from "@aws-sdk/client-sqs";
import { ConfigurationError } from "../adapters/environment.ts";
import { parseMasterKeys } from "../adapters/master-keys.ts";
import { type EnvironmentOf, readSettings, type SettingsOf } from "../adapters/read-settings.ts";
import { settings as table } from "../adapters/settings.ts";
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

/** The environment of the outbox: no setting must be given. */
type Given = EnvironmentOf<"outbox">;

const variables = Object.values(table).map(({ variable }): string => variable);

const unknownIn = (settings: object): readonly string[] =>
  Object.keys(settings)
    .filter((name) => !variables.includes(name))
    .map((name) => `settings.${name}: is not a setting`);

const faultsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
};

/** Reads the options. Throws an error that names every fault; none shows a key. */
export const readOptions = ({ masterKeys, settings = {} }: OutboxOptions): OutboxSettings => {
  // A message in a shard that the dispatcher does not look at would be stranded. All look at `0`.
  const given: Given = { POSTRIDER_SHARDS: "1", ...settings };
  const keys = masterKeys === undefined ? undefined : parseMasterKeys(masterKeys);
  const read = () => readSettings("outbox", given);
  const faults = [
    ...faultsOf(read).map((fault) => `settings.${fault}`),
    ...unknownIn(settings),
    ...(keys?.faults ?? []).map((fault) => `masterKeys: ${fault}`),
  ];
  if (faults.length > 0) throw new ConfigurationError(faults, []);
  return { ...read(), vault: keys && masterKeyVault(keys.keys) };
};
