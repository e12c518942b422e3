import {
  GetSecretValueCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { nameFailedCalls } from "./failed-calls.ts";

/** The versions of a secret's text. A version never changes; one of them is current. */
export type SecretVersions = {
  /**
   * Stores a text as a version that is not current yet. Returns the text that the version has: this
   * one, or that of an earlier call.
   */
  readonly propose: (secretId: string, versionId: string, text: string) => Promise<string>;
  /** Returns the text of a version, or `undefined` if there is none of that id. */
  readonly read: (secretId: string, versionId: string) => Promise<string | undefined>;
  /** Makes a version the one that is read by whoever asks for the secret. */
  readonly makeCurrent: (secretId: string, versionId: string) => Promise<void>;
};

/** The label of a version that is prepared, by Secrets Manager's own rule for rotations. */
const proposed = "AWSPENDING";
const current = "AWSCURRENT";

const requestTimeoutMs = 3000;

/** Opens Secrets Manager, to write. */
export const secretVersions = (): SecretVersions => {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: {
      ...{ connectionTimeout: 1000, requestTimeout: requestTimeoutMs },
      throwOnRequestTimeout: true,
    },
  });
  nameFailedCalls(client);

  const read: SecretVersions["read"] = async (SecretId, VersionId) => {
    try {
      const { SecretString } = await client.send(
        new GetSecretValueCommand({ SecretId, VersionId }),
      );
      return SecretString;
    } catch (error) {
      // A secret that is about to be deleted cannot be read any more either.
      if (error instanceof ResourceNotFoundException || error instanceof InvalidRequestException)
        return undefined;
      throw error;
    }
  };

  return {
    read,
    propose: async (SecretId, versionId, text) => {
      try {
        await client.send(
          new PutSecretValueCommand({
            ...{ SecretId, ClientRequestToken: versionId, SecretString: text },
            VersionStages: [proposed],
          }),
        );
      } catch (error) {
        // The version exists with another text. Of two calls at once it has the text of the first.
        if (!(error instanceof ResourceExistsException)) throw error;
      }
      const stored = await read(SecretId, versionId);
      if (stored === undefined) throw new Error("The version of the secret cannot be read yet");
      return stored;
    },
    makeCurrent: async (SecretId, MoveToVersionId) => {
      const { VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
      if (VersionId === MoveToVersionId) return;
      await client.send(
        new UpdateSecretVersionStageCommand({
          ...{ SecretId, MoveToVersionId, VersionStage: current },
          RemoveFromVersionId: VersionId,
        }),
      );
    },
  };
};
