import { type Line, styled } from "../adapters/styled.ts";
import { membersOf } from "./members.ts";
import type { CreatedKey, Sender } from "./sender-answers.ts";

const timesOf = (secrets: Sender["signingSecrets"]): string =>
  secrets
    .map(({ secretId, expiresAt }) =>
      expiresAt === undefined ? secretId : `${secretId} (until ${expiresAt})`,
    )
    .join(", ");

/** Returns a sender for a person. */
export const senderLines = (sender: Sender): readonly Line[] => {
  const { retry = {}, timeoutMs, retentionDays } = sender.defaults;
  return [
    styled("bold", sender.senderId),
    ...membersOf({
      created: sender.createdAt,
      "signed by": timesOf(sender.signingSecrets),
      schedule: retry.schedule?.join(", "),
      attempts: retry.maxAttempts,
      timeout: timeoutMs === undefined ? undefined : `${timeoutMs} ms`,
      "kept for": retentionDays === undefined ? undefined : `${retentionDays} days`,
    }),
  ];
};

/** Returns a new key, for the one time that it is shown. */
export const newKeyLines = (key: CreatedKey): readonly Line[] => [
  ...membersOf({
    "API key": key.apiKey,
    "key id": key.keyId,
    may: `${key.scopes.join(", ")}${key.expiresAt === undefined ? "" : `, until ${key.expiresAt}`}`,
  }),
  styled("yellow", "The key is not shown again. Put it into a password manager or a secret store."),
];

/** Returns a new signing secret, for the one time that it is shown. */
export const newSecretLines = (signingSecret: string): readonly Line[] => [
  ...membersOf({ "signing secret": signingSecret }),
  styled("yellow", "The secret is not shown again. Give it to the receivers, to verify with."),
];
