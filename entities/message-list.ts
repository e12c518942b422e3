import { type AttributeValue, BatchGetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { createConversions } from "electrodb";
import { type ListIndex, orderOf } from "../domain/list-filter.ts";
import { type Entry, nameOf, type Start } from "../domain/listing.ts";
import type { Message } from "../domain/message.ts";
import { failedShardOf } from "../domain/shard.ts";
import { type MessageEntity, messageEntity } from "./message-entity.ts";
import { type Item, kindOf, plainOf } from "./raw-item.ts";
import type { Storage } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** One shard of the index that a list of a sender's messages is read from. */
export type ListShard = {
  readonly index: ListIndex;
  readonly senderId: string;
  readonly shard: number;
};

/** `next` is where to read on in the shard, and null after its last entry. */
export type Entries = { readonly entries: readonly Entry[]; readonly next: Start | null };

export type ReadItems = {
  /** The messages by the names of their entries. No item, or one that is not readable, has none. */
  readonly found: ReadonlyMap<string, Message>;
  /** The names of entries whose items DynamoDB did not read, as it does when throttled. */
  readonly unread: ReadonlySet<string>;
};

/** Reads lists of a sender's messages by Query and BatchGetItem. Never scans. */
export type MessageListStore = {
  /** Returns at most `limit` entries of a shard in the order of its list. The index may be behind. */
  readonly entries: (of: ListShard, start: Start, limit: number) => Promise<Entries>;
  /** Tells whether an entry is a message of this sender: all senders share the due index. */
  readonly isOwn: (senderId: string, entry: Entry) => boolean;
  /** Reads the items of at most 100 entries consistently from the base table. */
  readonly read: (entries: readonly Entry[]) => Promise<ReadItems>;
};

const { key, indexes } = tableDescription;

/** How often a batch is asked for: items that were not read the first time often are the second. */
const readsMax = 2;

/** The partition of a shard, a sort key from a time, and a time from a sort key. */
type IndexKeys = {
  readonly pkOf: (of: ListShard) => string;
  readonly skOf: (of: ListShard, at: number) => AttributeValue;
  readonly atOf: (sk: AttributeValue | undefined) => number;
};

const numeric = {
  skOf: (_of: ListShard, at: number): AttributeValue => ({ N: String(at) }),
  atOf: (sk: AttributeValue | undefined): number => Number(sk?.N),
};

const indexKeysOf = (entity: MessageEntity): Readonly<Record<ListIndex, IndexKeys>> => {
  const { fromComposite } = createConversions(entity).byAccessPattern.bySender;
  const keysAt = ({ senderId, shard }: ListShard, createdAt: number) =>
    fromComposite.toKeys({ senderId, senderShard: String(shard), createdAt } as never) as Record<
      string,
      string
    >;
  const { pk, sk } = indexes.bySender;
  return {
    bySender: {
      pkOf: (of) => String(keysAt(of, 0)[pk]),
      skOf: (of, at) => ({ S: String(keysAt(of, at)[sk]) }),
      // The sort key ends with the time, padded with zeros.
      atOf: (text) => Number(/\d+$/.exec(text?.S ?? "")?.[0]),
    },
    failed: {
      pkOf: ({ senderId, shard }) => failedShardOf({ senderId, messageId: "" }, String(shard)),
      ...numeric,
    },
    due: { pkOf: ({ shard }) => String(shard), ...numeric },
  };
};

const readerOf =
  (entity: MessageEntity) =>
  (item: Item): Message | undefined => {
    const fields = plainOf(item);
    if (kindOf(fields) !== "message") return undefined;
    try {
      return (entity.parse({ Item: fields } as never).data as Message | null) ?? undefined;
    } catch {
      // A damaged item must not hide the others. The audit reports it.
      return undefined;
    }
  };

const baseKeyOf = ({ pk, sk }: Pick<Entry, "pk" | "sk">): Item => ({
  [key.pk]: { S: pk },
  [key.sk]: { S: sk },
});
const placeOf = (item: Item) => ({ pk: item[key.pk]?.S ?? "", sk: item[key.sk]?.S ?? "" });

const entriesOf =
  ({ client, table }: Storage, entity: MessageEntity): MessageListStore["entries"] =>
  async (of, { range, after }, limit) => {
    const { pk, sk } = indexes[of.index];
    const { pkOf, skOf, atOf } = indexKeysOf(entity)[of.index];
    const entryOf = (item: Item): Entry => ({
      ...{ at: atOf(item[sk]), shard: of.shard },
      ...placeOf(item),
    });
    const { Items = [], LastEvaluatedKey: last } = await client.send(
      new QueryCommand({
        ...{ TableName: table, IndexName: of.index, Limit: limit },
        ScanIndexForward: orderOf(of.index) === "soonest-first",
        KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :to",
        ExpressionAttributeNames: { "#pk": pk, "#sk": sk },
        ExpressionAttributeValues: {
          ":pk": { S: pkOf(of) },
          ":from": skOf(of, range.from),
          ":to": skOf(of, range.to),
        },
        ...(after && {
          ExclusiveStartKey: {
            ...baseKeyOf(after),
            [pk]: { S: pkOf(of) },
            [sk]: skOf(of, after.at),
          },
        }),
      }),
    );
    return {
      entries: Items.map(entryOf),
      next: last ? { range, after: entryOf(last) } : null,
    };
  };

const itemsOf =
  ({ client, table }: Storage, entity: MessageEntity): MessageListStore["read"] =>
  async (entries) => {
    const messageOf = readerOf(entity);
    const found = new Map<string, Message>();
    // An entry that moves during the read may come twice, which BatchGetItem refuses.
    const wanted = new Map(entries.map((entry) => [nameOf(entry), baseKeyOf(entry)]));
    let Keys: Item[] = [...wanted.values()];
    for (let reads = 0; Keys.length > 0 && reads < readsMax; reads += 1) {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
      );
      for (const item of Responses?.[table] ?? []) {
        const message = messageOf(item);
        if (message) found.set(nameOf(placeOf(item)), message);
      }
      Keys = UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return { found, unread: new Set(Keys.map((each) => nameOf(placeOf(each)))) };
  };

/** Opens the lists of a table. */
export const messageListStore = (storage: Storage): MessageListStore => {
  const entity = messageEntity(storage);
  const { fromComposite } = createConversions(entity).byAccessPattern.primary;
  return {
    entries: entriesOf(storage, entity),
    isOwn: (senderId, entry) => {
      // No id contains `#`, so no other sender's key begins with this text.
      const own = fromComposite.toKeys({ senderId, messageId: "" } as never) as typeof entry;
      return entry.pk.startsWith(own.pk) && entry.sk === own.sk;
    },
    read: itemsOf(storage, entity),
  };
};
