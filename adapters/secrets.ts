import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { nameFailedCalls } from "./failed-calls.ts";
import { parseMasterKeys } from "./master-keys.ts";

/** Returns the text of a secret by its ARN or name, or `undefined` if it has none. */
export type ReadSecret = (secretId: string) => Promise<string | undefined>;

/** The number of tries for a secret and the time-out of each. */
export const secretTries = { max: 3, requestTimeoutMs: 1500 } as const;

/**
 * Opens Secrets Manager. Lambda gives a function ten seconds to start: three tries leave half of
 * that for everything else, and a failed start can still log its reason.
 */
export const secretsManager = ({
  max,
  requestTimeoutMs,
}: {
  readonly max: number;
  readonly requestTimeoutMs: number;
} = secretTries): ReadSecret => {
  const client = new SecretsManagerClient({
    maxAttempts: max,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
  });
  nameFailedCalls(client);
  return async (secretId) => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString;
  };
};

/**
 * Returns the master keys in a secret, newest first. Throws if it cannot be read or holds anything
 * else. The error names the secret and the reason, never its content, and has no cause: errors of
 * the SDK may quote the answer.
 */
export const masterKeysFrom = async (
  read: ReadSecret,
  secretId: string,
): Promise<readonly Uint8Array[]> => {
  const { keys, faults } = parseMasterKeys(await textOf(read, secretId));
  if (faults.length === 0) return keys;
  throw new Error(`The master keys in the secret ${secretId} cannot be used: ${faults.join(", ")}`);
};

/** Returns the text of a secret. Throws as `masterKeysFrom` does. */
export const textOf = async (read: ReadSecret, secretId: string): Promise<string> => {
  let text: string | undefined;
  try {
    text = await read(secretId);
  } catch (error) {
    throw new Error(`The secret ${secretId} cannot be read: ${(error as Error).name}`);
  }
  if (text === undefined) throw new Error(`The secret ${secretId} has no text`);
  return text;
};
