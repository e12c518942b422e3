import type { Vault } from "../../adapters/vault.ts";
import { comparedBody, fingerprintApart, fingerprintOf } from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { newMessage, type Policy, type Submission } from "../../domain/submission.ts";
import type { MessageStore } from "../../entities/message.ts";
import type { Payload } from "../../entities/payload.ts";
import { fingerprintMac, sealHeaders } from "../secret-headers.ts";

/** The settings for storing messages. */
export type Layout = {
  readonly graceMs: number;
  readonly shards: number;
  /** Whether an index of all messages is kept. */
  readonly listAll: boolean;
};

/** A new message with its secret headers in the clear, and its body as it is compared. */
export type Draft = { readonly message: Message; readonly compared: Uint8Array };

/** The items of a new message: large headers and bodies have an item of their own. */
export type Items = { readonly message: Message; readonly payload?: Payload };

/** Returns the message of a submit. `submitId` is random. */
export const draftOf = (
  { vault, ...layout }: Layout & { readonly vault: Vault },
  asked: Submission,
  policy: Policy,
  { now, submitId }: { readonly now: number; readonly submitId: string },
): Draft => {
  // Computed once: a body with many numbers takes long.
  const compared = comparedBody(asked);
  const fingerprint = fingerprintOf(asked, fingerprintMac(vault), compared);
  const { graceMs, shards, listAll } = layout;
  const facts = { now, graceMs, shards, listAll, submitId, fingerprint };
  return { message: newMessage(asked, policy, facts), compared };
};

/** Returns the items that store a message, with its secret headers encrypted. */
export const itemsOf = (
  { messages, vault }: { readonly messages: MessageStore; readonly vault: Vault },
  { message: draft, compared }: Draft,
): Items => {
  // After the fingerprint: sealing gives another text each time, and a repeat must match.
  const message = { ...draft, headers: sealHeaders(vault, draft) };
  const { headers, body, ...rest } = message;
  if ((headers ?? body) === undefined || messages.fitsInline(message)) return { message };
  const fingerprint = fingerprintApart(message.fingerprint, message, compared);
  return { message: { ...rest, fingerprint, payload: true }, payload: { headers, body } };
};
