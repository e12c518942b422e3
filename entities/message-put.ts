import type { Message } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { messageFields } from "./message-item.ts";
import { secondsOf } from "./storage.ts";

/**
 * Returns the put of a new message, unless a message that has not expired has its id. Its values are
 * plain. It does not ask only whether there is an item: one that has expired may not be removed yet.
 */
export const newMessagePut = (table: string, message: Message) => ({
  TableName: table,
  Item: Object.fromEntries(
    Object.entries(messageFields(message)).filter(([, value]) => value !== undefined),
  ) as Fields,
  ConditionExpression: "(attribute_not_exists(#ttl) OR #ttl <= :ttl)",
  ExpressionAttributeNames: { "#ttl": "ttl" },
  ExpressionAttributeValues: { ":ttl": secondsOf(message.createdAt) },
});
