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

/** The one partition of all entries: it grows with the senders, and is read by operators only. */
const list = "senders";

const senderEntryEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "senderEntry", version: "1" },
        attributes: {
          list: { type: [list] as const, required: true, readOnly: true },
          senderId: { type: "string", required: true, readOnly: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["list"], casing },
            sk: { field: key.sk, composite: ["senderId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

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
  const entity = senderEntryEntity(storage);
  return {
    add: async (senderId) => {
      await entity.create({ list, senderId }).go(conditionalGo);
    },
    page: async (after, limit) => {
      const options = { ...goOptions, cursor: after, limit, pages: 1, consistent: true } as const;
      const { data, cursor } = await entity.query.primary({ list }).go(options);
      return { ids: data.map(({ senderId }) => senderId), next: cursor };
    },
  };
};
