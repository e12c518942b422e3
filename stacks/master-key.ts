import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import type { StorageProps } from "./storage.ts";

export interface MasterKeyProps extends StorageProps {
  readonly stageName: string;
}

/**
 * The secret with the master keys. Secrets Manager generates the first one, 32 bytes as 64
 * hexadecimal digits, so nobody types it and no file has it.
 *
 * Do not change how it is generated: CloudFormation would replace the key, and nothing that is stored
 * could be decrypted until the old one is put back. To rotate it, put a new key before the old one in
 * the secret's value.
 */
export class MasterKey extends Secret {
  constructor(
    scope: Construct,
    id: string,
    { stageName, encryptionKey, removalPolicy }: MasterKeyProps,
  ) {
    super(scope, id, {
      description: `Postrider ${stageName}: master keys, newest first, separated by commas`,
      encryptionKey,
      generateSecretString: {
        passwordLength: 64,
        excludePunctuation: true,
        excludeUppercase: true,
        excludeCharacters: "ghijklmnopqrstuvwxyz",
        // Each digit is equally likely.
        requireEachIncludedType: false,
      },
      removalPolicy,
    });
  }
}
