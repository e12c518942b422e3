import * as z from "zod";
import { operatorScopes, scopes } from "../../../domain/api-key.ts";
import { senderChanges } from "../../../domain/sender-change.ts";
import { at } from "./members.ts";

const defaults = z
  .strictObject({
    retry: z
      .strictObject({
        schedule: z.array(z.string()).optional().meta({ description: "The waits." }),
        maxAttempts: z.int().optional().meta({ description: "How many attempts at most." }),
      })
      .optional(),
    timeoutMs: z.int().optional().meta({ description: "Of one exchange, in milliseconds." }),
    retentionDays: z.int().optional().meta({ description: "How long messages are kept." }),
  })
  .meta({ description: "What holds for messages that say nothing else." });

const summary = {
  senderId: z.string().meta({ description: "Its id." }),
  createdAt: at("When it was made."),
  defaults,
};

const secret = z.strictObject({
  secretId: z.string().meta({ description: "Names the secret, and shows nothing of it." }),
  createdAt: at("When it was made."),
  expiresAt: at("When it stops signing, if it does.").optional(),
});

const whole = {
  ...summary,
  signingSecrets: z.array(secret).meta({ description: "By their ids, the newest first." }),
};
const signingSecret = z.string().meta({ description: "The new secret. No other answer has it." });

/** A sender. */
export const sender = z
  .strictObject(whole)
  .meta({ id: "Sender", description: "A sender, without its secrets." });

/** A sender with a secret that is new. */
export const senderWithSecret = z
  .strictObject({ ...whole, signingSecret })
  .meta({ id: "SenderWithSecret", description: "A sender and its new signing secret." });

const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "The cursor of the next page. Only null means the end." });

/** A page of senders. */
export const senderPage = z
  .strictObject({
    items: z
      .array(z.strictObject(summary).meta({ id: "ListedSender", description: "A sender." }))
      .meta({ description: "The senders." }),
    nextCursor,
  })
  .meta({ id: "SenderPage", description: "A page of a list of senders." });

const keyMembers = {
  keyId: z.string().meta({ description: "Its id: the beginning of its SHA-256." }),
  label: z.string().meta({ description: "What it is for." }),
  scopes: z
    .array(z.enum([...scopes, ...operatorScopes]))
    .meta({ description: "What it may be used for." }),
  createdAt: at("When it was made."),
  expiresAt: at("When it ends, if it does.").optional(),
  revokedAt: at("When it was revoked, if it was.").optional(),
};
const apiKey = z.string().meta({ description: "The key. No other answer has it." });

/** A key. */
export const key = z
  .strictObject(keyMembers)
  .meta({ id: "Key", description: "An API key, without its text." });

/** A key that is new. */
export const keyWithText = z
  .strictObject({ ...keyMembers, apiKey })
  .meta({ id: "KeyWithText", description: "A new API key." });

/** A page of keys. */
export const keyPage = z
  .strictObject({ items: z.array(key).meta({ description: "The keys." }), nextCursor })
  .meta({ id: "KeyPage", description: "A page of a list of keys." });

/** A sender that is new. */
export const createdSender = z
  .strictObject({ ...whole, signingSecret, key: keyWithText })
  .meta({ id: "CreatedSender", description: "A new sender, its secret and its first key." });

const defaultsChange = z
  .strictObject({
    retry: z
      .strictObject({
        schedule: z.array(z.string()).nullable().optional(),
        maxAttempts: z.int().nullable().optional(),
      })
      .optional(),
    timeoutMs: z.int().nullable().optional(),
    retentionDays: z.int().nullable().optional(),
  })
  .meta({ description: "The defaults that were to change. Null removed one." });

const change = z
  .strictObject({
    at: at("When it was asked for."),
    change: z.enum(senderChanges).meta({ description: "What was done." }),
    by: z
      .strictObject({
        keyId: z.string().optional().meta({ description: "The key of the operator, by its id." }),
        address: z.string().optional().meta({ description: "Where the request came from." }),
        deployment: z.string().optional().meta({
          description:
            "In place of a key: the stack of CloudFormation, and the resource in it, whose deployment did it.",
        }),
      })
      .meta({ description: "Who did it." }),
    madeKeyId: z.string().optional().meta({ description: "The key that was made." }),
    revokedKeyId: z.string().optional().meta({ description: "The key that was revoked." }),
    defaults: defaultsChange.optional(),
    overlap: z.string().optional().meta({
      description: "How long what was replaced was to stay valid, if that was said.",
    }),
    refused: z.boolean().meta({ description: "Whether it was refused, and changed nothing." }),
  })
  .meta({ id: "SenderHistoryEntry", description: "What was done to a sender." });

/** A page of what operators did to a sender. */
export const senderChangePage = z
  .strictObject({
    items: z.array(change).meta({ description: "The newest first." }),
    nextCursor,
  })
  .meta({ id: "SenderHistory", description: "A page of what operators did to a sender." });
