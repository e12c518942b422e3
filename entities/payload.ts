import { CustomAttributeType } from "electrodb";
import type { Message, MessageKey } from "../domain/message.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  headersAttribute,
  messageIdAttribute,
  oncePerStorage,
  type Storage,
  service,
  stored,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** Headers and body that are too large for the message item. */
export type Payload = Pick<Message, "headers" | "body">;

export const payloadEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "payload", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          messageId: messageIdAttribute,
          fingerprint: { type: "string", required: true },
          headers: headersAttribute,
          body: { type: CustomAttributeType<Uint8Array>("any") },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            collection: "history",
            pk: { field: key.pk, composite: ["senderId", "messageId"], casing },
            sk: { field: key.sk, composite: ["fingerprint"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

export type PayloadStore = {
  /**
   * Stores headers and body under the message's fingerprint: a submit with other content cannot
   * overwrite them, and a repeat writes the same bytes. The stored `ttl` never decreases.
   */
  readonly put: (message: Message, payload: Payload) => Promise<void>;
  readonly get: (
    key: MessageKey & { readonly fingerprint: string },
  ) => Promise<Payload | undefined>;
  /** Moves the `ttl` of a stored payload on, never back. Returns false if there is none. */
  readonly keepUntil: (
    key: MessageKey & { readonly fingerprint: string },
    ttl: number,
  ) => Promise<boolean>;
  /**
   * Removes every payload stored under these ids, those of refused submits too. Returns false if one
   * was stored or kept for longer meanwhile, which stays: another message may have taken the id.
   */
  readonly erase: (key: MessageKey) => Promise<boolean>;
};

export const payloadStore = (storage: Storage): PayloadStore => {
  const entity = payloadEntity(storage);
  const get: PayloadStore["get"] = async ({ senderId, messageId, fingerprint }) => {
    const { data } = await entity
      .get(stored({ senderId, messageId, fingerprint }))
      .go({ ...goOptions, consistent: true });
    return data ? { headers: data.headers, body: data.body } : undefined;
  };
  return {
    put: async ({ senderId, messageId, fingerprint, ttl }, { headers, body }) => {
      // Refused: it is stored already, with a later `ttl`.
      await entity
        .put(stored({ senderId, messageId, fingerprint, headers, body, ttl }))
        .where((at, { notExists, lt }) => `(${notExists(at.ttl)} OR ${lt(at.ttl, ttl)})`)
        .go(conditionalGo);
    },
    get,
    keepUntil: async ({ senderId, messageId, fingerprint }, ttl) => {
      const { rejected, data } = await entity
        .patch(stored({ senderId, messageId, fingerprint }))
        .set({ ttl })
        .where((at, { lt }) => lt(at.ttl, ttl))
        .go({ ...conditionalGo, response: "all_old" });
      if (!rejected || data) return true;
      // Refused: it has this `ttl` or a later one, or it is missing.
      return (await get({ senderId, messageId, fingerprint })) !== undefined;
    },
    erase: async ({ senderId, messageId }) => {
      const { data } = await entity.query
        .primary(stored({ senderId, messageId }))
        .go({ ...goOptions, consistent: true, pages: "all", attributes: ["fingerprint", "ttl"] });
      const removed = await Promise.all(
        data.map(({ fingerprint, ttl }) =>
          entity
            .delete(stored({ senderId, messageId, fingerprint }))
            .where((at, { eq }) => eq(at.ttl, ttl))
            .go(conditionalGo),
        ),
      );
      return removed.every(({ rejected }) => !rejected);
    },
  };
};
