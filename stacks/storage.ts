import type { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** What everything that stores data takes. */
export interface StorageProps {
  /** The stage's own KMS key. Without one, AWS encrypts with keys of its own. */
  readonly encryptionKey: IKey | undefined;
  /** Whether the data outlives the stack. */
  readonly removalPolicy: RemovalPolicy;
}
