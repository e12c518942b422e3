import type { ActionEntry } from "../domain/action-entry.ts";
import type { Message } from "../domain/message.ts";
import { loadEntities } from "./load-entities.ts";
import { conditionalGo, goOptions, type Storage, stored } from "./storage.ts";

type EntryKey = Pick<ActionEntry, "senderId" | "messageId" | "entryId" | "submitId">;

export type ActionStore = {
  /**
   * Stores an entry unless the message has one with its id. Returns the one that is stored then:
   * this one, or an earlier one.
   */
  readonly record: (entry: ActionEntry) => Promise<ActionEntry>;
  /** Returns an entry by its id, also one of an expired message of these ids. */
  readonly get: (key: Omit<EntryKey, "submitId">) => Promise<ActionEntry | undefined>;
  /** Marks an entry whose action was refused, and takes that mark back. */
  readonly refuse: (entry: EntryKey) => Promise<void>;
  readonly unrefuse: (entry: EntryKey) => Promise<void>;
  /** Returns the entries of this message by time, without those of an expired one. */
  readonly of: (message: Message) => Promise<readonly ActionEntry[]>;
  /** Moves the `ttl` of a stored entry on, never back. */
  readonly keepUntil: (entry: EntryKey, ttl: number) => Promise<void>;
};

export const actionStore = (storage: Storage): ActionStore => {
  const entity = async () => (await loadEntities()).actionEntity(storage);
  const get: ActionStore["get"] = async ({ senderId, messageId, entryId }) => {
    const { data } = await (await entity())
      .get(stored({ senderId, messageId, entryId }))
      .go({ ...goOptions, consistent: true });
    return data ?? undefined;
  };
  return {
    record: async (entry) => {
      const { submitId } = entry;
      // Another submitId: the entry is of an expired message, and DynamoDB has not removed it yet.
      const { rejected, data } = await (await entity())
        .put(stored(entry))
        .where((at, { notExists, ne }) => `(${notExists(at.ttl)} OR ${ne(at.submitId, submitId)})`)
        .go(conditionalGo);
      if (!rejected) return entry;
      const current = data ?? (await get(entry));
      if (!current) throw new Error("The put of the entry was refused, and no entry has its id");
      return current;
    },
    get,
    refuse: async ({ senderId, messageId, entryId, submitId }) => {
      await (await entity())
        .patch(stored({ senderId, messageId, entryId }))
        .set({ refused: true })
        .where((at, { eq }) => eq(at.submitId, submitId))
        .go(conditionalGo);
    },
    unrefuse: async ({ senderId, messageId, entryId, submitId }) => {
      await (await entity())
        .patch(stored({ senderId, messageId, entryId }))
        .remove(["refused"])
        .where((at, { eq }) => eq(at.submitId, submitId))
        .go(conditionalGo);
    },
    of: async ({ senderId, messageId, submitId }) => {
      const { data } = await (await entity()).query
        .primary(stored({ senderId, messageId }))
        .go({ ...goOptions, consistent: true, pages: "all" });
      return data
        .filter((entry) => entry.submitId === submitId)
        .sort((one, other) => one.at - other.at);
    },
    keepUntil: async ({ senderId, messageId, entryId, submitId }, ttl) => {
      await (await entity())
        .patch(stored({ senderId, messageId, entryId }))
        .set({ ttl })
        .where((at, { eq, lt }) => `${eq(at.submitId, submitId)} AND ${lt(at.ttl, ttl)}`)
        .go(conditionalGo);
    },
  };
};
