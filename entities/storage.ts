import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CustomAttributeType } from "electrodb";
import { idInKey, idOfKey } from "../domain/ids.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";

/** Where the entities are stored. */
export type Storage = { readonly client: DynamoDBClient; readonly table: string };

export const service = "postrider";

/**
 * How every read and write is made. Errors arrive as the SDK threw them: wrapped, each call would
 * build an error with a stack, whether or not it fails.
 */
export const plainly = { originalErr: true } as const;

/** How a conditional write is made: a lost condition is a value, with the item where the engine gives it. */
export const conditionally = { ...plainly, returnOnConditionCheckFailure: "all_old" } as const;

/** Ids are stored as they are; by default the library would fold `Abc` and `abc` into one. */
export const casing = "none" as const;

/**
 * Headers are stored as a map by way of a `Map`: the SDK takes an object with a header named
 * `constructor` for an instance of some class, and refuses it.
 */
export const headersAttribute = {
  type: CustomAttributeType<Readonly<Record<string, string>>>("any"),
  set: (headers?: Readonly<Record<string, string>>) => headers && new Map(Object.entries(headers)),
} as const;

/** A message id is stored as keys hold it: the library escapes nothing. Reading takes it back. */
export const messageIdAttribute = {
  type: "string",
  required: true,
  get: (text?: string) => text && idOfKey(text),
} as const;

/** The same with its message id as keys hold it: so every read and write names a message. */
export const stored = <Key extends MessageKey>(key: Key): Key => ({
  ...key,
  messageId: idInKey(key.messageId),
});

/** Takes `stored` back, of an item that was read as it is. */
export const given = (fields: Fields): Fields => {
  const { messageId } = fields;
  return typeof messageId === "string" ? { ...fields, messageId: idOfKey(messageId) } : fields;
};

/** Epoch seconds, as `ttl` is. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
