import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Clock, systemClock } from "../adapters/clock.ts";
import { masterKeysFrom, type ReadSecret } from "../adapters/secrets.ts";
import { masterKeyVault, type Vault } from "../adapters/vault.ts";
import type { Storage } from "../entities/storage.ts";
import { ask, Refused } from "./refused.ts";

/** What a command reaches the outside through. */
export type Outside = {
  readonly storage: Storage;
  readonly readSecret: ReadSecret;
  readonly clock: Clock;
};

/** Where a command works: the table, and the region if it is not that of the environment. */
export type Place = { readonly table: string; readonly region?: string };

/** A person waits: half a minute at most, and the SDK repeats what may be repeated. */
const patient = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    throwOnRequestTimeout: true,
  },
};

/** AWS, with whatever credentials the SDK finds: those of the environment, a profile, a sign-on. */
export const awsOutside = ({ table, region }: Place): Outside => {
  const secrets = new SecretsManagerClient({ ...patient, region });
  return {
    storage: { client: new DynamoDBClient({ ...patient, region }), table },
    readSecret: async (secretId) =>
      (await secrets.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString,
    clock: systemClock,
  };
};

/** The vault over the master keys in a secret; the same that the functions open. */
export const openVault = async (readSecret: ReadSecret, secretId: string): Promise<Vault> => {
  const text = await ask(`the secret ${secretId}`, () => readSecret(secretId));
  try {
    return masterKeyVault(await masterKeysFrom(async () => text, secretId));
  } catch (error) {
    // Says which key of the list is none, and nothing of what is in it.
    throw new Refused((error as Error).message);
  }
};
