import { idInKey, idOfKey } from "../domain/ids.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import { type Fields, messageAttributes } from "../domain/message-shape.ts";
import { type Item, itemOf, kindIn, markOf, plainValueOf } from "./raw-item.ts";
import { given } from "./storage.ts";
import { tableDescription } from "./table.ts";

/**
 * The item of a message and its keys, as its entity writes and reads them. Every message is written
 * four times, and ElectroDB would work out keys and expressions anew each time, which takes longer
 * than all else that a call does in the process. `test/entities/message-item.test.ts` holds the two
 * together.
 */

const { key, indexes } = tableDescription;

const sortKey = "$history#message_1";

/** The beginning and the sort key of the keys of a sender's messages. No id contains `#`. */
export const ownKeys = (senderId: string) => ({
  pkPrefix: `$postrider#senderId_${senderId}#messageId_`,
  sk: sortKey,
});

/** Returns the partition of a message, of its payload and of its attempts. */
export const messagePartition = ({ senderId, messageId }: MessageKey): string =>
  `${ownKeys(senderId).pkPrefix}${idInKey(messageId)}`;

const keyFields = (of: MessageKey): Fields => ({
  [key.pk]: messagePartition(of),
  [key.sk]: sortKey,
});

/** Returns the partition of a shard of a sender's list. */
export const listPartition = (senderId: string, senderShard: string): string =>
  `$postrider#senderId_${senderId}#senderShard_${senderShard}`;

/** The length of `createdAt` in its sort key. */
export const createdAtChars = 14;

/** Returns the place of a moment in epoch ms within a shard of a sender's list. */
export const listSortKey = (createdAt: number): string =>
  `$message_1#createdAt_${String(createdAt).padStart(createdAtChars, "0")}`;

const listKeyFields = ({ senderId, senderShard, createdAt }: Message): Fields => ({
  [indexes.bySender.pk]: listPartition(senderId, senderShard),
  [indexes.bySender.sk]: listSortKey(createdAt),
});

/** Returns the key of the item of a message. */
export const messageItemKey = (of: MessageKey): Item => itemOf(keyFields(of));

/**
 * Returns the ids in the key of an item, or `undefined` if it is not the key of a message. The same
 * ids in another spelling are not a message's key either.
 */
export const messageKeyIn = (fields: Fields): MessageKey | undefined => {
  const [, senderId, idText] = keyPattern.exec(String(fields[key.pk])) ?? [];
  if (senderId === undefined || idText === undefined) return undefined;
  const ids = { senderId, messageId: idOfKey(idText) };
  const own = keyFields(ids);
  return own[key.pk] === fields[key.pk] && own[key.sk] === fields[key.sk] ? ids : undefined;
};
const keyPattern = /^\$postrider#senderId_([^#]*)#messageId_([^#]*)$/;

/** Returns all attributes of the item of a message, without a key of the list if it is unlisted. */
export const messageFields = (message: Message): Fields => ({
  ...message,
  messageId: idInKey(message.messageId),
  ...keyFields(message),
  ...(!message.unlisted && listKeyFields(message)),
  ...markOf("message"),
});

/** Returns the message in an item, or `undefined` if the item is none. Judges no attribute. */
export const messageIn = (item: Item): Message | undefined => {
  if (kindIn(item) !== "message") return undefined;
  const message: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item))
    if (messageAttributes.has(name)) message[name] = plainValueOf(value);
  return given(message) as Message;
};
