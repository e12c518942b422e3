import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { idInKey, idOfKey } from "../domain/ids.ts";
import type { MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";

/** The table of the entities, and the client to reach it. */
export type Storage = {
  readonly client: DynamoDBClient;
  readonly table: string;
  /**
   * Up to which size of its item a message keeps its body: by default a write unit, so that none
   * of its changes of state costs more. An engine that counts no units may take more.
   */
  readonly inlineItemBytesMax?: number;
};

/**
 * Options of every read and write. Errors stay those of the SDK: ElectroDB's wrapper builds an
 * error with a stack for every call, also for one that succeeds.
 */
export const goOptions = { originalErr: true } as const;

/**
 * Options of a conditional write: a refused condition is a value, with the item if the engine
 * returns it.
 */
export const conditionalGo = { ...goOptions, returnOnConditionCheckFailure: "all_old" } as const;

/** Returns a key with its message id as keys hold it. Every read and write uses it. */
export const stored = <Key extends MessageKey>(key: Key): Key => ({
  ...key,
  messageId: idInKey(key.messageId),
});

/** Reverses `stored` for an item that was read raw. */
export const given = (fields: Fields): Fields => {
  const { messageId } = fields;
  return typeof messageId === "string" ? { ...fields, messageId: idOfKey(messageId) } : fields;
};

/** Epoch seconds, as `ttl` is. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
