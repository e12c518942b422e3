import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Stage } from "./config.ts";

/**
 * The secret with the master key. Secrets Manager draws the first one itself, 32 bytes as 64
 * hexadecimal digits, so that nobody ever types it and no file or history has it.
 *
 * Do not change how it is generated: CloudFormation would draw another key in its place, and what is
 * stored could not be opened until the old one is put back. To rotate it, put a new key before the
 * old one in the secret's value.
 */
export const masterKeySecret = (stack: Stack, stage: Stage, key: Key | undefined): Secret =>
  new Secret(stack, "MasterKey", {
    description: `Postrider ${stage.name}: master keys, newest first, parted by commas`,
    encryptionKey: key,
    generateSecretString: {
      passwordLength: 64,
      excludePunctuation: true,
      excludeUppercase: true,
      excludeCharacters: "ghijklmnopqrstuvwxyz",
      // Every digit is drawn alike.
      requireEachIncludedType: false,
    },
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
