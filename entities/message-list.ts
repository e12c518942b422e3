import { BatchGetItemCommand } from "@aws-sdk/client-dynamodb";
import { type Entry, nameOf } from "../domain/listing.ts";
import type { Message } from "../domain/message.ts";
import { shapeFaults } from "../domain/message-shape.ts";
import { baseKeyOf, type ListIndexes, listIndexes, placeOf } from "./list-index.ts";
import { messageIn } from "./message-item.ts";
import { type MessageStatusReader, messageStatusReader } from "./message-statuses.ts";
import type { Item } from "./raw-item.ts";
import type { Storage } from "./storage.ts";

export type ReadItems = {
  /** The messages by the names of their entries. No item, or one that is not readable, has none. */
  readonly found: ReadonlyMap<string, Message>;
  /** The names of entries whose items DynamoDB did not read, as it does when throttled. */
  readonly unread: ReadonlySet<string>;
};

/** Reads lists of a sender's messages by Query and BatchGetItem. Never scans. */
export type MessageListStore = ListIndexes &
  MessageStatusReader & {
    /** Reads the items of at most 100 entries consistently from the base table. */
    readonly read: (entries: readonly Entry[]) => Promise<ReadItems>;
  };

/** The number of tries of a batch: items skipped by the first are often returned by the second. */
const readsMax = 2;

/** Returns a message that can be shown. A damaged one must not hide the others: the audit reports it. */
const shownIn = (item: Item): Message | undefined => {
  const message = messageIn(item);
  return message && shapeFaults(message, ["messageId", "lastOutcome"]).length === 0
    ? message
    : undefined;
};

const itemsOf =
  ({ client, table }: Storage): MessageListStore["read"] =>
  async (entries) => {
    const found = new Map<string, Message>();
    // An entry that moves during the read may come twice, which BatchGetItem refuses.
    const wanted = new Map(entries.map((entry) => [nameOf(entry), baseKeyOf(entry)]));
    let Keys: Item[] = [...wanted.values()];
    for (let reads = 0; Keys.length > 0 && reads < readsMax; reads += 1) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) {
        const message = shownIn(item);
        if (message) found.set(nameOf(placeOf(item)), message);
      }
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return { found, unread: new Set(Keys.map((each) => nameOf(placeOf(each)))) };
  };

/** Opens the lists of a table. */
export const messageListStore = (storage: Storage): MessageListStore => ({
  ...listIndexes(storage),
  ...messageStatusReader(storage),
  read: itemsOf(storage),
});
