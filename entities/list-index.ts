import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { orderOf } from "../domain/list-filter.ts";
import type { Entry, Start } from "../domain/listing.ts";
import { type IndexKeys, indexKeys, type ListShard } from "./index-keys.ts";
import { ownKeys } from "./message-item.ts";
import type { Item } from "./raw-item.ts";
import type { Storage } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** `next` is where to read on in the shard, and null after its last entry. */
export type Entries = { readonly entries: readonly Entry[]; readonly next: Start | null };

/** `count` entries are the sender's, of `examined` ones. */
export type Counted = {
  readonly count: number;
  readonly examined: number;
  readonly next: Start | null;
};

/** The queries of one shard of an index. The index may be behind. */
export type ListIndexes = {
  /** Returns at most `limit` entries in the order of the list, in the due index of all senders. */
  readonly entries: (of: ListShard, start: Start, limit: number) => Promise<Entries>;
  /** Counts a sender's own entries among at most `limit` ones, without reading any item. */
  readonly count: (of: ListShard, start: Start, limit: number) => Promise<Counted>;
  /** Tells whether an entry is a message of this sender: all senders share the due index. */
  readonly isOwn: (senderId: string, entry: Entry) => boolean;
};

const { key, indexes } = tableDescription;
type Place = Pick<Entry, "pk" | "sk">;

/** Returns the key of the item that an entry leads to. */
export const baseKeyOf = ({ pk, sk }: Place): Item => ({
  [key.pk]: { S: pk },
  [key.sk]: { S: sk },
});
export const placeOf = (item: Item) => ({ pk: item[key.pk]?.S ?? "", sk: item[key.sk]?.S ?? "" });

const queryOf = (
  TableName: string,
  { pkOf, skOf }: IndexKeys,
  { of, start: { range, after }, limit }: { of: ListShard; start: Start; limit: number },
) => {
  const { pk, sk } = indexes[of.index];
  const startKey = after && {
    ExclusiveStartKey: {
      ...{ ...baseKeyOf(after), [pk]: { S: pkOf(of) }, [sk]: skOf(of, after.at) },
    },
  };
  return {
    ...{ TableName, IndexName: of.index, Limit: limit, ...startKey },
    ScanIndexForward: orderOf(of.index) === "soonest-first",
    KeyConditionExpression: "#pk = :pk AND #sk BETWEEN :from AND :to",
    ExpressionAttributeNames: { "#pk": pk, "#sk": sk },
    ExpressionAttributeValues: {
      ":pk": { S: pkOf(of) },
      ":from": skOf(of, range.from),
      ":to": skOf(of, range.to),
    },
  };
};

/** Indexes whose partitions have entries of all senders. */
const isShared = ({ index }: ListShard): boolean => index === "due";

/** Opens the indexes of a table that lists are read from. */
export const listIndexes = ({ client, table }: Storage): ListIndexes => {
  const entryOf =
    ({ index, shard }: ListShard) =>
    (item: Item): Entry => ({
      ...{ at: indexKeys[index].atOf(item[indexes[index].sk]), shard, ...placeOf(item) },
    });
  const nextIn = (of: ListShard, { range }: Start, last: Item | undefined): Start | null =>
    last ? { range, after: entryOf(of)(last) } : null;

  return {
    entries: async (of, start, limit) => {
      const query = queryOf(table, indexKeys[of.index], { of, start, limit });
      const page = await client.send(new QueryCommand(query));
      const { Items = [], LastEvaluatedKey: last } = page;
      return { entries: Items.map(entryOf(of)), next: nextIn(of, start, last) };
    },

    count: async (of, start, limit) => {
      const query = queryOf(table, indexKeys[of.index], { of, start, limit });
      const ExpressionAttributeNames = { ...query.ExpressionAttributeNames, "#own": key.pk };
      // No filter: DynamoDB allows none on a key, and does not say whether that of the table is one
      // to an index. It would be paid for alike.
      const page = await client.send(
        new QueryCommand(
          isShared(of)
            ? { ...query, ExpressionAttributeNames, ProjectionExpression: "#own" }
            : { ...query, Select: "COUNT" },
        ),
      );
      const { Items = [], Count: examined = 0, LastEvaluatedKey: last } = page;
      const { pkPrefix } = ownKeys(of.senderId);
      const count = isShared(of)
        ? Items.filter((item) => placeOf(item).pk.startsWith(pkPrefix)).length
        : examined;
      return { count, examined, next: nextIn(of, start, last) };
    },

    isOwn: (senderId, entry) => {
      const own = ownKeys(senderId);
      return entry.pk.startsWith(own.pkPrefix) && entry.sk === own.sk;
    },
  };
};
