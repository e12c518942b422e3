import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { nameFailedCalls } from "./failed-calls.ts";
import { parseMasterKeys } from "./master-keys.ts";

/** The text of a secret, by its ARN or its name; nothing if it has none. */
export type ReadSecret = (secretId: string) => Promise<string | undefined>;

/** How often a secret is asked for, and how long each time. */
export const secretTries = { max: 3, requestTimeoutMs: 1500 } as const;

/**
 * Reads secrets from Secrets Manager. Lambda gives a function ten seconds to start: three tries
 * leave half of them to everything else, and a start that fails says why.
 */
export const secretsManager = (): ReadSecret => {
  const client = new SecretsManagerClient({
    maxAttempts: secretTries.max,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: secretTries.requestTimeoutMs,
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
 * The master keys that are kept in a secret, newest first. Throws if it cannot be read, or holds
 * anything else. What is thrown says which secret and why, and nothing of what is in it: it has no
 * cause, for the SDK's errors may quote the answer that they are about.
 */
export const masterKeysFrom = async (
  read: ReadSecret,
  secretId: string,
): Promise<readonly Uint8Array[]> => {
  const { keys, faults } = parseMasterKeys(await textOf(read, secretId));
  if (faults.length === 0) return keys;
  throw new Error(`The master keys in the secret ${secretId} cannot be used: ${faults.join(", ")}`);
};

const textOf = async (read: ReadSecret, secretId: string): Promise<string> => {
  let text: string | undefined;
  try {
    text = await read(secretId);
  } catch (error) {
    throw new Error(`The secret ${secretId} cannot be read: ${(error as Error).name}`);
  }
  if (text === undefined) throw new Error(`The secret ${secretId} has no text`);
  return text;
};
