import { keyIdOf } from "../domain/api-key.ts";
import { loadEntities } from "./load-entities.ts";
import type { EntryPage } from "./sender-entry.ts";
import { conditionalGo, goOptions, type Storage } from "./storage.ts";

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
  const entity = async () => (await loadEntities()).keyEntryEntity(storage);
  return {
    add: async (senderId, hash) => {
      await (await entity()).create({ senderId, keyId: keyIdOf(hash), hash }).go(conditionalGo);
    },
    hashOf: async (senderId, keyId) => {
      const { data } = await (await entity())
        .get({ senderId, keyId })
        .go({ ...goOptions, consistent: true });
      return data?.hash;
    },
    page: async (senderId, after, limit) => {
      const options = { ...goOptions, cursor: after, limit, pages: 1, consistent: true } as const;
      const { data, cursor } = await (await entity()).query.primary({ senderId }).go(options);
      return { ids: data.map(({ hash }) => hash), next: cursor };
    },
  };
};
