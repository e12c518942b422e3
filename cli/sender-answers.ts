import type { OperatorScope, Scope } from "../domain/api-key.ts";
import type { SenderChange as SenderChangeName } from "../domain/sender-change.ts";

/** What the routes of an operator answer, as `docs/openapi/answers/senders.ts` has it. */
export type SenderDefaults = {
  retry?: { schedule?: string[] | undefined; maxAttempts?: number | undefined } | undefined;
  timeoutMs?: number | undefined;
  retentionDays?: number | undefined;
};

export type ListedSender = { senderId: string; createdAt: string; defaults: SenderDefaults };

export type Sender = ListedSender & {
  signingSecrets: { secretId: string; createdAt: string; expiresAt?: string | undefined }[];
};

export type SenderWithSecret = Sender & { signingSecret: string };

export type Key = {
  keyId: string;
  label: string;
  scopes: (Scope | OperatorScope)[];
  createdAt: string;
  expiresAt?: string | undefined;
  revokedAt?: string | undefined;
};

export type CreatedKey = Key & { apiKey: string };

export type CreatedSender = SenderWithSecret & { key: CreatedKey };

export type SenderChange = {
  at: string;
  change: SenderChangeName;
  by: {
    keyId?: string | undefined;
    address?: string | undefined;
    deployment?: string | undefined;
  };
  madeKeyId?: string | undefined;
  revokedKeyId?: string | undefined;
  defaults?:
    | {
        retry?:
          | { schedule?: string[] | null | undefined; maxAttempts?: number | null | undefined }
          | undefined;
        timeoutMs?: number | null | undefined;
        retentionDays?: number | null | undefined;
      }
    | undefined;
  overlap?: string | undefined;
  refused: boolean;
};
