import type { Message } from "../domain/message.ts";
import type { MessageEntity } from "./message-entity.ts";
import { secondsOf, stored } from "./storage.ts";

/** Returns the put of a new message, unless a message that has not expired has its id. */
export const newMessagePut = (entity: MessageEntity, message: Message) =>
  // Not `create`: it refuses also an expired item that DynamoDB has not removed yet.
  entity
    .put(stored(message))
    .where(
      ({ ttl }, { notExists, lte }) =>
        `(${notExists(ttl)} OR ${lte(ttl, secondsOf(message.createdAt))})`,
    );
