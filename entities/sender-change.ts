import type { SenderChange } from "../domain/sender-change.ts";
import { loadEntities } from "./load-entities.ts";
import type { DefaultsChange } from "./sender.ts";
import { conditionalGo, goOptions, type Storage } from "./storage.ts";

/**
 * What an operator or a deployment did to a sender. It is stored before the change is made: a change never lacks
 * its entry, and an entry whose change was not made is `refused`, or its process died.
 */
export type SenderChangeEntry = {
  readonly senderId: string;
  /** Sorts by time. */
  readonly entryId: string;
  readonly change: SenderChange;
  readonly at: number;
  /** The key of the operator. Absent where a deployment did it. */
  readonly keyId?: string;
  readonly address?: string;
  /** The stack of CloudFormation whose deployment did it, by its name and the resource in it. */
  readonly deployment?: string;
  /** The key that was to be made or revoked, by its id. */
  readonly madeKeyId?: string;
  readonly revokedKeyId?: string;
  /** The defaults that were to change. */
  readonly defaults?: DefaultsChange;
  /** How long what was replaced was to stay valid, if that was said. */
  readonly overlapMs?: number;
  readonly refused?: boolean;
  readonly ttl: number;
};

export type SenderChangeStore = {
  /** Stores an entry. Storing it again changes nothing. */
  readonly record: (entry: SenderChangeEntry) => Promise<void>;
  /** Marks an entry whose change was refused. */
  readonly refuse: (entry: Pick<SenderChangeEntry, "senderId" | "entryId">) => Promise<void>;
  /** Returns entries of a sender, the newest first, of which the table examines at most `limit`. */
  readonly page: (
    senderId: string,
    ask: { readonly after: string | null; readonly limit: number },
    now: number,
  ) => Promise<{ readonly items: readonly SenderChangeEntry[]; readonly next: string | null }>;
};

const withoutUndefined = (defaults: DefaultsChange): DefaultsChange =>
  Object.fromEntries(Object.entries(defaults).filter(([, value]) => value !== undefined));

export const senderChangeStore = (storage: Storage): SenderChangeStore => {
  const entity = async () => (await loadEntities()).senderChangeEntity(storage);
  return {
    record: async ({ defaults, ...entry }) => {
      // ElectroDB leaves out what is undefined at the top alone.
      const given = defaults && { defaults: withoutUndefined(defaults) };
      await (await entity()).create({ ...entry, ...given }).go(conditionalGo);
    },
    refuse: async ({ senderId, entryId }) => {
      await (await entity()).patch({ senderId, entryId }).set({ refused: true }).go(conditionalGo);
    },
    page: async (senderId, { after, limit }, now) => {
      const page = { cursor: after, limit, pages: 1, order: "desc", consistent: true } as const;
      const { data, cursor } = await (await entity()).query
        .primary({ senderId })
        .go({ ...goOptions, ...page });
      return { items: data.filter(({ ttl }) => ttl * 1000 > now), next: cursor };
    },
  };
};
