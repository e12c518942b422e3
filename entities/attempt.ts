import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Attempt } from "../domain/attempt.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { loadEntities } from "./load-entities.ts";
import { messagePartition } from "./message-item.ts";
import { itemOf, markOf } from "./raw-item.ts";
import { conditionalGo, goOptions, type Storage, stored } from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** The length of a number in its sort key, which is text: padded to sort as a number. */
export const numberChars = 6;

/** Returns the attributes of the item of an attempt, as its entity would write them: each failure has one. */
const fieldsOf = (attempt: Attempt): Fields => ({
  ...stored(attempt),
  [key.pk]: messagePartition(attempt),
  [key.sk]: `$history#attempt_1#number_${String(attempt.number).padStart(numberChars, "0")}`,
  ...markOf("attempt"),
});

export type AttemptStore = {
  /**
   * Stores an attempt that the message does not keep. Storing it again writes the same values.
   */
  readonly record: (attempt: Attempt) => Promise<void>;
  /** Returns the stored attempts of this message by number, without those of an expired one. */
  readonly of: (message: Message) => Promise<readonly Attempt[]>;
  /** Moves the `ttl` of a stored attempt on, never back. */
  readonly keepUntil: (
    attempt: Pick<Attempt, "senderId" | "messageId" | "number" | "submitId">,
    ttl: number,
  ) => Promise<void>;
  /** Removes what targets answered from every attempt stored under these ids. */
  readonly eraseResponses: (key: MessageKey) => Promise<void>;
};

export const attemptStore = (storage: Storage): AttemptStore => {
  const entity = async () => (await loadEntities()).attemptEntity(storage);
  const all = async ({ senderId, messageId }: MessageKey): Promise<readonly Attempt[]> => {
    const { data } = await (await entity()).query
      .primary(stored({ senderId, messageId }))
      .go({ ...goOptions, consistent: true, pages: "all" });
    return data;
  };
  return {
    record: async (attempt) => {
      await storage.client.send(
        new PutItemCommand({ TableName: storage.table, Item: itemOf(fieldsOf(attempt)) }),
      );
    },
    of: async (message) => {
      const attempts = await all(message);
      return attempts.filter(({ submitId }) => submitId === message.submitId);
    },
    keepUntil: async ({ senderId, messageId, number, submitId }, ttl) => {
      await (await entity())
        .patch(stored({ senderId, messageId, number }))
        .set({ ttl })
        .where((at, { eq, lt }) => `${eq(at.submitId, submitId)} AND ${lt(at.ttl, ttl)}`)
        .go(conditionalGo);
    },
    eraseResponses: async (key) => {
      const attempts = await all(key);
      await Promise.all(
        attempts
          .filter(({ responseText }) => responseText !== undefined)
          .map(async ({ senderId, messageId, number, submitId }) =>
            (await entity())
              .patch(stored({ senderId, messageId, number }))
              .remove(["responseText"])
              // Not that of a message which has taken the id meanwhile.
              .where((at, { eq }) => eq(at.submitId, submitId))
              .go(conditionalGo),
          ),
      );
    },
  };
};
