import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Status } from "../domain/message.ts";
import { messageItemKey } from "./message-item.ts";
import { type Item, plainOf } from "./raw-item.ts";
import type { Storage } from "./storage.ts";

/** As much of a message as counting takes. */
export type MessageStatus = {
  readonly status: Status;
  readonly createdAt: number;
  readonly ttl: number;
};

/** How often a batch is asked for: items that were not read the first time often are the second. */
const readsMax = 3;

/** Reads the states of messages. */
export type MessageStatusReader = {
  /**
   * Returns the states of at most 100 messages of a sender, by reads that may be a second old. One
   * that is not there is left out. Throws if DynamoDB does not read all, as when it is throttled.
   */
  readonly statuses: (
    senderId: string,
    messageIds: readonly string[],
  ) => Promise<readonly MessageStatus[]>;
};

export const messageStatusReader = ({ client, table }: Storage): MessageStatusReader => {
  const asked = (Keys: Item[]) => ({
    Keys,
    ProjectionExpression: "#status, createdAt, #ttl",
    ExpressionAttributeNames: { "#status": "status", "#ttl": "ttl" },
  });
  return {
    statuses: async (senderId, messageIds) => {
      const read: Item[] = [];
      let keys = messageIds.map((messageId) => messageItemKey({ senderId, messageId }));
      for (let reads = 0; keys.length > 0 && reads < readsMax; reads += 1) {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: asked(keys) } }),
        );
        read.push(...(Responses?.[table] ?? []));
        keys = UnprocessedKeys?.[table]?.Keys ?? [];
      }
      if (keys.length > 0) throw new Error("DynamoDB has not read all messages");
      return read.map((item) => plainOf(item) as MessageStatus);
    },
  };
};
