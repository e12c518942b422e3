import { idInKey, idOfKey } from "../domain/ids.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { createdAtChars, messageAttributes } from "./message-entity.ts";
import { type Item, itemOf, kindFields, kindOf, plainOf } from "./raw-item.ts";
import { tableDescription } from "./table.ts";

/**
 * The item of a message as its entity writes and reads it. Every message is written four times, and
 * ElectroDB would work out keys and expressions anew each time, which takes longer than all else that
 * a call does in the process. `test/entities/message-item.test.ts` holds the two together.
 */

const { key, indexes } = tableDescription;

const keyFields = ({ senderId, messageId }: MessageKey): Fields => ({
  [key.pk]: `$postrider#senderId_${senderId}#messageId_${idInKey(messageId)}`,
  [key.sk]: "$history#message_1",
});

const listKeyFields = ({ senderId, senderShard, createdAt }: Message): Fields => ({
  [indexes.bySender.pk]: `$postrider#senderId_${senderId}#senderShard_${senderShard}`,
  [indexes.bySender.sk]: `$message_1#createdAt_${String(createdAt).padStart(createdAtChars, "0")}`,
});

/** Returns the key of the item of a message. */
export const messageItemKey = (of: MessageKey): Item => itemOf(keyFields(of));

/** Returns all attributes of the item of a message, without a key of the list if it is unlisted. */
export const messageFields = (message: Message): Fields => ({
  ...message,
  messageId: idInKey(message.messageId),
  ...keyFields(message),
  ...(!message.unlisted && listKeyFields(message)),
  [kindFields.kind]: "message",
  [kindFields.version]: "1",
});

/** Returns the message in an item, or `undefined` if the item is none. */
export const messageIn = (item: Item): Message | undefined => {
  const fields = plainOf(item);
  if (kindOf(fields) !== "message") return undefined;
  const own = Object.entries(fields).filter(([name]) => messageAttributes.has(name));
  return {
    ...(Object.fromEntries(own) as Message),
    messageId: idOfKey(String(fields["messageId"])),
  };
};
