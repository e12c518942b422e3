import type { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";

/** What holds for messages of a sender that say nothing else, as `POST /v1/senders` has it. */
export interface SenderDefaultsProps {
  readonly retry?: {
    /** 1 to 50. */
    readonly maxAttempts?: number;
    /** The waits between attempts, such as `["30s", "5m", "2h"]`. */
    readonly schedule?: readonly string[];
  };
  /** The time-out of an exchange: 100 to 30000. */
  readonly timeoutMs?: number;
  /** How many days a message is kept, and its id is taken: 1 to 365. */
  readonly retentionDays?: number;
}

/** A sender that is created with the stack. */
export interface SenderProps {
  /**
   * 1 to 128 of `A-Z a-z 0-9 _ . : -`. Another one is another sender: the old one and its messages stay,
   * and its key ends after `keyOverlap`. A sender that exists already gets a key besides its others.
   */
  readonly senderId: string;
  /**
   * Changed in place. What an operator has set over HTTP is replaced when this changes.
   * @default - those of the deployment
   */
  readonly defaults?: SenderDefaultsProps;
  /**
   * What its key may do. Another list is another key.
   * @default - both
   */
  readonly scopes?: readonly ("messages:write" | "messages:read")[];
  /**
   * Another number gives the sender another key, and the secret with it. Take one that was never used.
   * @default 1
   */
  readonly keyVersion?: number;
  /**
   * How long a key that is replaced stays valid, so that services have time to read the secret again: up
   * to 90 days. 0 for one that has leaked.
   * @default Duration.hours(24)
   */
  readonly keyOverlap?: Duration;
  /**
   * A KMS key for the secret.
   * @default - that of the Postrider, or else one of AWS
   */
  readonly encryptionKey?: IKey;
}
