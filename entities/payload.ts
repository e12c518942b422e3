import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Message, MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { conditionalWrite } from "./conditional-write.ts";
import { loadEntities } from "./load-entities.ts";
import { messagePartition } from "./message-item.ts";
import { itemOf, markOf } from "./raw-item.ts";
import { type NamesOf, readItem, storedIn } from "./read-item.ts";
import { conditionalGo, goOptions, type Storage, stored } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** Headers and body that are too large for the message item. */
export type Payload = Pick<Message, "headers" | "body">;

type PayloadKey = Pick<Message, "senderId" | "messageId" | "fingerprint">;

// Put and read by most submits and deliveries, so without ElectroDB, as its entity would do it.
const { key } = tableDescription;
const names: NamesOf<Payload> = { headers: true, body: true };
const keyFields = (of: PayloadKey): Fields => ({
  [key.pk]: messagePartition(of),
  [key.sk]: `$history#payload_1#fingerprint_${of.fingerprint}`,
});

/** Returns all attributes of the item of a payload of this message, some of them undefined. */
export const payloadFields = (message: Message, { headers, body }: Payload): Fields => {
  const { senderId, messageId, fingerprint, ttl } = message;
  return {
    ...stored({ senderId, messageId, fingerprint, headers, body, ttl }),
    ...keyFields(message),
    ...markOf("payload"),
  };
};

export type PayloadStore = {
  /**
   * Stores headers and body under the message's fingerprint: a submit with other content cannot
   * overwrite them, and a repeat writes the same bytes. The stored `ttl` never decreases.
   */
  readonly put: (message: Message, payload: Payload) => Promise<void>;
  readonly get: (key: PayloadKey) => Promise<Payload | undefined>;
  /** Moves the `ttl` of a stored payload on, never back. Returns false if there is none. */
  readonly keepUntil: (key: PayloadKey, ttl: number) => Promise<boolean>;
  /**
   * Removes every payload stored under these ids, those of refused submits too. Returns false if one
   * was stored or kept for longer meanwhile, which stays: another message may have taken the id.
   */
  readonly erase: (key: MessageKey) => Promise<boolean>;
};

export const payloadStore = (storage: Storage): PayloadStore => {
  const entity = async () => (await loadEntities()).payloadEntity(storage);
  const get: PayloadStore["get"] = async (of) => {
    const item = await readItem(storage, itemOf(keyFields(of)));
    const found = item && storedIn(item, "payload", names);
    return found && { headers: found.headers, body: found.body };
  };
  return {
    put: async (message, payload) => {
      const put = new PutItemCommand({
        TableName: storage.table,
        Item: itemOf(payloadFields(message, payload)),
        ConditionExpression: "(attribute_not_exists(#ttl) OR #ttl < :ttl)",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: itemOf({ ":ttl": message.ttl }),
      });
      // Refused: it is stored already, with a later `ttl`. That is not asked for: it is large.
      await conditionalWrite(storage.client.send(put));
    },
    get,
    keepUntil: async ({ senderId, messageId, fingerprint }, ttl) => {
      const { rejected, data } = await (await entity())
        .patch(stored({ senderId, messageId, fingerprint }))
        .set({ ttl })
        .where((at, { lt }) => lt(at.ttl, ttl))
        .go({ ...conditionalGo, response: "all_old" });
      if (!rejected || data) return true;
      // Refused: it has this `ttl` or a later one, or it is missing.
      return (await get({ senderId, messageId, fingerprint })) !== undefined;
    },
    erase: async ({ senderId, messageId }) => {
      const { data } = await (await entity()).query
        .primary(stored({ senderId, messageId }))
        .go({ ...goOptions, consistent: true, pages: "all", attributes: ["fingerprint", "ttl"] });
      const removed = await Promise.all(
        data.map(async ({ fingerprint, ttl }) =>
          (await entity())
            .delete(stored({ senderId, messageId, fingerprint }))
            .where((at, { eq }) => eq(at.ttl, ttl))
            .go(conditionalGo),
        ),
      );
      return removed.every(({ rejected }) => !rejected);
    },
  };
};
