import { keyIdOf } from "../domain/api-key.ts";
import type { EntryPage } from "./sender-entry.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  oncePerStorage,
  type Storage,
  service,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

const keyEntryEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "keyEntry", version: "1" },
        attributes: {
          senderId: { type: "string", required: true, readOnly: true },
          keyId: { type: "string", required: true, readOnly: true },
          hash: { type: "string", required: true, readOnly: true },
        },
        indexes: {
          primary: {
            // The partition of the sender.
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["keyId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

/**
 * Lists the keys of a sender: each has an entry that is written before it. An entry holds the hash,
 * under which the key is stored, and nothing that changes.
 */
export type KeyEntryStore = {
  readonly add: (senderId: string, hash: string) => Promise<void>;
  /** Returns the hash of a key of this sender. */
  readonly hashOf: (senderId: string, keyId: string) => Promise<string | undefined>;
  /** Returns the hashes after a position, of which the table examines at most `limit`. */
  readonly page: (senderId: string, after: string | null, limit: number) => Promise<EntryPage>;
};

export const keyEntryStore = (storage: Storage): KeyEntryStore => {
  const entity = keyEntryEntity(storage);
  return {
    add: async (senderId, hash) => {
      await entity.create({ senderId, keyId: keyIdOf(hash), hash }).go(conditionalGo);
    },
    hashOf: async (senderId, keyId) => {
      const { data } = await entity.get({ senderId, keyId }).go({ ...goOptions, consistent: true });
      return data?.hash;
    },
    page: async (senderId, after, limit) => {
      const options = { ...goOptions, cursor: after, limit, pages: 1, consistent: true } as const;
      const { data, cursor } = await entity.query.primary({ senderId }).go(options);
      return { ids: data.map(({ hash }) => hash), next: cursor };
    },
  };
};
