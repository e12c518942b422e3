import { loadEntities } from "./load-entities.ts";
import { conditionalGo, goOptions, type Storage } from "./storage.ts";

/** The one partition of all entries: it grows with the senders, and is read by operators only. */
export const list = "senders";

/** A page of ids in their order, and the position of the next page, or null after the last one. */
export type EntryPage = { readonly ids: readonly string[]; readonly next: string | null };

/**
 * Lists senders: each has an entry that is written before it. An entry says that there may be such
 * a sender; only the item of the sender says that there is.
 */
export type SenderEntryStore = {
  readonly add: (senderId: string) => Promise<void>;
  /** Returns the entries after a position, of which the table examines at most `limit`. */
  readonly page: (after: string | null, limit: number) => Promise<EntryPage>;
};

export const senderEntryStore = (storage: Storage): SenderEntryStore => {
  const entity = async () => (await loadEntities()).senderEntryEntity(storage);
  return {
    add: async (senderId) => {
      await (await entity()).create({ list, senderId }).go(conditionalGo);
    },
    page: async (after, limit) => {
      const options = { ...goOptions, cursor: after, limit, pages: 1, consistent: true } as const;
      const { data, cursor } = await (await entity()).query.primary({ list }).go(options);
      return { ids: data.map(({ senderId }) => senderId), next: cursor };
    },
  };
};
