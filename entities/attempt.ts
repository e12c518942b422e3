import type { Attempt } from "../domain/attempt.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  messageIdAttribute,
  oncePerStorage,
  type Storage,
  service,
  stored,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

export const attemptEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "attempt", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          messageId: messageIdAttribute,
          // Part of a sort key, which is text: padded to sort as a number.
          number: { type: "number", required: true, padding: { length: 6, char: "0" } },
          submitId: { type: "string", required: true },
          startedAt: { type: "number", required: true },
          durationMs: { type: "number", required: true },
          timings: {
            type: "map",
            properties: {
              dnsMs: { type: "number" },
              connectMs: { type: "number" },
              tlsMs: { type: "number" },
              firstByteMs: { type: "number" },
            },
          },
          class: { type: "string", required: true },
          status: { type: "number" },
          responseText: { type: "string" },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            collection: "history",
            pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
            sk: { field: key.sk, composite: ["number"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

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
  const entity = attemptEntity(storage);
  const all = async ({ senderId, messageId }: MessageKey): Promise<readonly Attempt[]> => {
    const { data } = await entity.query
      .primary(stored({ senderId, messageId }))
      .go({ ...goOptions, consistent: true, pages: "all" });
    return data;
  };
  return {
    record: async (attempt) => {
      await entity.put(stored(attempt)).go(goOptions);
    },
    of: async (message) => {
      const attempts = await all(message);
      return attempts.filter(({ submitId }) => submitId === message.submitId);
    },
    keepUntil: async ({ senderId, messageId, number, submitId }, ttl) => {
      await entity
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
          .map(({ senderId, messageId, number, submitId }) =>
            entity
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
