import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { nameOf as nameOfPlace } from "../domain/listing.ts";
import type { DueFields } from "../domain/quarantine.ts";
import { baseKeyOf, placeOf } from "./list-index.ts";
import { messageIn, messageKeyIn } from "./message-item.ts";
import { type Item, plainOf } from "./raw-item.ts";
import { given, type Storage } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** A due item as the base table has it, also one that no entity can read. */
export type DueItem = DueFields & {
  /** Its attributes, for the condition of a later write. */
  readonly raw: Item;
};

/** A page of due items, the longest due first. `cursor` is null after the last page. */
export type DuePage = {
  readonly items: readonly DueItem[];
  readonly cursor: string | null;
  /** How many items DynamoDB did not return, as it does when throttled. They stay due. */
  readonly unread: number;
};

export type DueStore = {
  /**
   * Returns the items that the index lists as due, read from the base table. The index may be
   * behind: an entry whose item is gone is left out, and so is an item that DynamoDB did not
   * return.
   */
  readonly due: (ask: {
    readonly dueShard: string;
    readonly now: number;
    /** At most 100. */
    readonly limit: number;
    readonly cursor: string | null;
  }) => Promise<DuePage>;
  /**
   * Puts an item in quarantine: marks it and reschedules its next check. All its other attributes
   * stay, as evidence. Returns false if the item has changed since it was read; nothing is written
   * then.
   */
  readonly quarantine: (
    item: DueItem,
    change: { readonly now: number; readonly dueAt: number },
  ) => Promise<boolean>;
};

const { key, indexes } = tableDescription;
const { due } = indexes;

/** The attributes that an item was judged by. The write is refused if one of them has changed. */
const judgedBy = [
  ...["__edb_e__", "__edb_v__", "senderId", "messageId", "status", "attempts", "attemptsAllowed"],
  ...["attemptsBefore", "giveUpAt", "notBefore", "leaseUntil", "scheduleMs"],
  ...["targetUrl", "senderShard", "ttl", "dueAt"],
] as const;

const keyOf = (item: Item): Item => baseKeyOf(placeOf(item));
const nameOf = (item: Item): string => nameOfPlace(placeOf(item));

const read = (raw: Item): DueItem => {
  const fields = plainOf(raw);
  return { raw, fields: given(fields), ids: messageKeyIn(fields), message: messageIn(raw) };
};

/**
 * Tells whether an attribute is compared by value. Not all engines compare lists, maps and sets.
 */
const isScalar = ({ S, N, BOOL }: AttributeValue): boolean => (S ?? N ?? BOOL) !== undefined;

const stillAsSeen = (raw: Item) => {
  const condition = judgedBy.map((name, index) => {
    const value = raw[name];
    if (value === undefined) return `attribute_not_exists(#${index})`;
    return isScalar(value) ? `#${index} = :${index}` : `attribute_exists(#${index})`;
  });
  const seen = judgedBy.flatMap((name, index) => {
    const value = raw[name];
    return value !== undefined && isScalar(value) ? [[`:${index}`, value] as const] : [];
  });
  return {
    ConditionExpression: [`attribute_exists(${key.pk})`, ...condition].join(" AND "),
    names: Object.fromEntries(judgedBy.map((name, index) => [`#${index}`, name])),
    values: Object.fromEntries(seen),
  };
};

/**
 * Opens the due items of a table. Reads and writes raw items by their keys: an entity would refuse
 * or misread damaged ones.
 */
export const dueStore = ({ client, table }: Storage): DueStore => {
  const itemsOf = async (entries: readonly Item[]): Promise<Pick<DuePage, "items" | "unread">> => {
    // An entry that moves during the read may be in the page twice, which BatchGetItem refuses.
    const wanted = new Map(entries.map((entry) => [nameOf(entry), keyOf(entry)]));
    if (wanted.size === 0) return { items: [], unread: 0 };
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: [...wanted.values()], ConsistentRead: true } },
      }),
    );
    const found = new Map(Responses?.[table]?.map((item) => [nameOf(item), item]));
    const items = [...wanted.keys()].flatMap((name) => {
      const item = found.get(name);
      return item ? [read(item)] : [];
    });
    return { items, unread: UnprocessedKeys?.[table]?.Keys?.length ?? 0 };
  };

  const itemAt = async (Key: Item): Promise<Item | undefined> => {
    const read = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    return (await client.send(read)).Item;
  };

  return {
    due: async ({ dueShard, now, limit, cursor }) => {
      const page = await client.send(
        new QueryCommand({
          ...{ TableName: table, IndexName: "due", Limit: limit },
          KeyConditionExpression: "#pk = :shard AND #sk <= :now",
          ExpressionAttributeNames: { "#pk": due.pk, "#sk": due.sk },
          ExpressionAttributeValues: { ":shard": { S: dueShard }, ":now": { N: String(now) } },
          ...(cursor !== null && { ExclusiveStartKey: JSON.parse(cursor) }),
        }),
      );
      const next = page.LastEvaluatedKey;
      return {
        ...(await itemsOf(page.Items ?? [])),
        cursor: next ? JSON.stringify(next) : null,
      };
    },

    quarantine: async ({ raw }, { now, dueAt }) => {
      const { ConditionExpression, names, values } = stillAsSeen(raw);
      const marked = { ":at": { N: String(now) }, ":due": { N: String(dueAt) } };
      try {
        await client.send(
          new UpdateItemCommand({
            ...{ TableName: table, Key: keyOf(raw), ConditionExpression },
            UpdateExpression: "SET quarantinedAt = :at, #due = :due",
            ExpressionAttributeNames: { ...names, "#due": due.sk },
            ExpressionAttributeValues: { ...values, ...marked },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // The SDK retries a write whose answer was lost, and may find its own first try.
        const current = error.Item ?? (await itemAt(keyOf(raw))) ?? {};
        return Number(current["quarantinedAt"]?.N) === now && Number(current[due.sk]?.N) === dueAt;
      }
    },
  };
};
