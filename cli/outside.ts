import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Clock, systemClock } from "../adapters/clock.ts";
import { nameFailedCalls } from "../adapters/failed-calls.ts";
import { masterKeysFrom, type ReadSecret } from "../adapters/secrets.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";
import type { Storage } from "../entities/storage.ts";
import { ask, Refused } from "./refused.ts";

/** What a command works with: a deployment on AWS, or the local edition. */
export type Outside = {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Opens the vault that the deployment encrypts with. */
  readonly openVault: () => Promise<Vault>;
  /** Runs calls of the table. A failure that is not a bug is thrown as Refused. */
  readonly ask: <Result>(calls: () => Promise<Result>) => Promise<Result>;
};

/** Where a command works: a table on AWS, or a local edition. */
export type Place = {
  readonly table?: string;
  readonly secret?: string;
  readonly region?: string;
  readonly local?: boolean;
  readonly "data-dir"?: string;
};

/** A person waits: half a minute at most, and the SDK repeats what may be repeated. */
const patient = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  },
};

/**
 * Opens AWS with the credentials that the SDK finds: the environment, a profile, or single sign-on.
 */
export const awsOutside = ({ table = "", secret = "", region }: Place): Outside => {
  const secrets = new SecretsManagerClient({ ...patient, region });
  const readSecret: ReadSecret = async (secretId) =>
    (await secrets.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  const client = new DynamoDBClient({ ...patient, region });
  nameFailedCalls(client);
  return {
    storage: { client, table },
    clock: systemClock,
    openVault: () => openVault(readSecret, secret),
    ask: (calls) => ask(`the table ${table}`, calls),
  };
};

/** Opens the vault over the master keys in a secret, as the functions do. */
const openVault = async (readSecret: ReadSecret, secretId: string): Promise<Vault> => {
  const text = await ask(`the secret ${secretId}`, () => readSecret(secretId));
  try {
    return masterKeyVault(await masterKeysFrom(async () => text, secretId));
  } catch (error) {
    // Names the invalid key by its place in the list, without its text.
    throw new Refused((error as Error).message);
  }
};
