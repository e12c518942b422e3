import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { createConversions } from "electrodb";
import { idOfKey } from "../domain/ids.ts";
import type { Message, MessageKey } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import type { DueFields } from "../domain/quarantine.ts";
import type { MessageEntity } from "./message-entity.ts";
import { type Item, kindOf, plainOf } from "./raw-item.ts";
import { given, type Storage, stored } from "./storage.ts";
import { tableDescription } from "./table.ts";

/** An item that is due, as the base table has it: also one that no entity could read. */
export type DueItem = DueFields & {
  /** Itself, attribute by attribute: what a later write asks for. */
  readonly raw: Item;
};

/** A page of what is due, the longest due first; `cursor` is null after the last. */
export type DuePage = {
  readonly items: readonly DueItem[];
  readonly cursor: string | null;
  /** How many items DynamoDB has left for later, as it does when it is throttled. They stay due. */
  readonly unread: number;
};

export type DueStore = {
  /**
   * What the index says is due, read from the base table. The index is a hint and may be behind: an
   * entry whose item is gone is left out, and so is one that DynamoDB has left for later.
   */
  readonly due: (ask: {
    readonly dueShard: string;
    readonly now: number;
    /** At most 100. */
    readonly limit: number;
    readonly cursor: string | null;
  }) => Promise<DuePage>;
  /**
   * Marks an item about which nothing can be done, and moves its next look. Everything else of it
   * stays as it is, as evidence. False: it is not any more what was seen, and nothing was changed.
   */
  readonly quarantine: (
    item: DueItem,
    change: { readonly now: number; readonly dueAt: number },
  ) => Promise<boolean>;
};

const { key, indexes } = tableDescription;
const { due } = indexes;

/** Whatever the judgement of an item rests on: if any of it changes, the item is another one. */
const judgedBy = [
  ...["__edb_e__", "__edb_v__", "senderId", "messageId", "status", "attempts", "attemptsAllowed"],
  ...["attemptsBefore", "giveUpAt", "notBefore", "leaseUntil", "scheduleMs"],
  ...["targetUrl", "senderShard", "ttl", "dueAt"],
] as const;

const keyOf = ({ [key.pk]: pk, [key.sk]: sk }: Item): Item => ({
  [key.pk]: pk as AttributeValue,
  [key.sk]: sk as AttributeValue,
});
const nameOf = (item: Item): string => JSON.stringify([item[key.pk]?.S, item[key.sk]?.S]);

const isSame = (one: Fields, other: Fields): boolean =>
  one[key.pk] === other[key.pk] && one[key.sk] === other[key.sk];

/** Reads items one by one, so that one that cannot be read takes no other with it. */
const readerOf = (entity: MessageEntity) => {
  const { fromKeys, fromComposite } = createConversions(entity).byAccessPattern.primary;
  const orNothing = <Result>(read: () => Result): Result | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  const idsOf = (fields: Fields): MessageKey | undefined => {
    const ids = fromKeys.toComposite(fields as never) as MessageKey;
    const messageId = idOfKey(ids.messageId);
    const own = stored({ ...ids, messageId });
    // Also a key that is written otherwise than `stored` writes it is none.
    return isSame(fromComposite.toKeys(own) as Fields, fields) ? { ...ids, messageId } : undefined;
  };
  return (raw: Item): DueItem => {
    const fields = plainOf(raw);
    return {
      ...{ raw, fields: given(fields), isMessage: kindOf(fields) === "message" },
      ids: orNothing(() => idsOf(fields)),
      message:
        orNothing(() => entity.parse({ Item: fields } as never).data as Message | null) ??
        undefined,
    };
  };
};

/** Whether it is compared by its value. Not all engines compare lists, maps and sets. */
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
 * Opens what is due in a table. Reads and writes the items as they are, by their keys: an entity
 * would refuse some of them, or take them for others.
 */
export const dueStore = ({ client, table }: Storage, entity: MessageEntity): DueStore => {
  const read = readerOf(entity);

  const itemsOf = async (entries: readonly Item[]): Promise<Pick<DuePage, "items" | "unread">> => {
    // An entry that moves while the page is read may be in it twice, which BatchGetItem refuses.
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
        // The SDK repeats a write whose answer was lost, and may meet its own first try.
        const current = error.Item ?? (await itemAt(keyOf(raw))) ?? {};
        return Number(current["quarantinedAt"]?.N) === now && Number(current[due.sk]?.N) === dueAt;
      }
    },
  };
};
