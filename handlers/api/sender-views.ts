import { type ApiKey, keyIdOf } from "../../domain/api-key.ts";
import { formatDuration } from "../../domain/duration.ts";
import { type SigningSecret, secretIdOf } from "../../domain/signing-secrets.ts";
import type { DefaultsChange, Sender, SenderDefaults } from "../../entities/sender.ts";
import type { SenderChangeEntry } from "../../entities/sender-change.ts";
import type { SenderCreated } from "../senders/create-sender.ts";
import { iso } from "./views.ts";

const defaultsView = ({ scheduleMs, maxAttempts, timeoutMs, retentionDays }: SenderDefaults) => ({
  ...((scheduleMs || maxAttempts !== undefined) && {
    retry: { schedule: scheduleMs?.map(formatDuration), maxAttempts },
  }),
  ...{ timeoutMs, retentionDays },
});

/** Returns a sender as a list of senders has it. */
export const senderSummary = (sender: Sender) => ({
  senderId: sender.senderId,
  createdAt: iso(sender.createdAt),
  defaults: defaultsView(sender),
});

const secretView = (secret: SigningSecret) => ({
  secretId: secretIdOf(secret),
  createdAt: iso(secret.createdAt),
  expiresAt: iso(secret.expiresAt),
});

/** Returns a sender with its signing secrets, newest first, by their ids and never their text. */
export const senderView = (sender: Sender) => ({
  ...senderSummary(sender),
  signingSecrets: (sender.signingSecrets ?? []).map(secretView),
});

/** Returns a key: never its text, nor its hash. */
export const keyView = ({ hash, label, scopes, createdAt, expiresAt, revokedAt }: ApiKey) => ({
  ...{ keyId: keyIdOf(hash), label, scopes },
  createdAt: iso(createdAt),
  expiresAt: iso(expiresAt),
  revokedAt: iso(revokedAt),
});

/** Returns a new key with its text, which no other answer has. */
export const newKeyView = (key: ApiKey, apiKey: string) => ({ ...keyView(key), apiKey });

/** Returns a sender with a new signing secret, which no other answer has. */
export const newSecretView = (sender: Sender, signingSecret: string) => ({
  ...senderView(sender),
  signingSecret,
});

/** Returns a new sender with the texts of its signing secret and first key. */
export const createdView = ({ sender, signingSecret, key, apiKey }: SenderCreated) => ({
  ...newSecretView(sender, signingSecret),
  key: newKeyView(key, apiKey),
});

/** Returns what changes of the defaults: null stands for one that was removed. */
const defaultsChangeView = ({
  scheduleMs,
  maxAttempts,
  timeoutMs,
  retentionDays,
}: DefaultsChange) => ({
  ...((scheduleMs !== undefined || maxAttempts !== undefined) && {
    retry: {
      schedule: scheduleMs === null ? null : scheduleMs?.map(formatDuration),
      maxAttempts,
    },
  }),
  ...{ timeoutMs, retentionDays },
});

/** Returns what was done to a sender: by whom, from where, and whether it was refused. */
export const senderChangeView = (entry: SenderChangeEntry) => ({
  ...{ at: iso(entry.at), change: entry.change },
  by: { keyId: entry.keyId, address: entry.address, deployment: entry.deployment },
  ...{ madeKeyId: entry.madeKeyId, revokedKeyId: entry.revokedKeyId },
  defaults: entry.defaults && defaultsChangeView(entry.defaults),
  overlap: entry.overlapMs === undefined ? undefined : formatDuration(entry.overlapMs),
  refused: entry.refused === true,
});
