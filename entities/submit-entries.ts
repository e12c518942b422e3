import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { TransactionSymbol } from "electrodb";
import type { Message } from "../domain/message.ts";
import type { Fields } from "../domain/message-shape.ts";
import { newMessagePut } from "./message-put.ts";
import { type Payload, payloadFields } from "./payload.ts";
import { itemOf } from "./raw-item.ts";
import type { Storage } from "./storage.ts";

type PutOf<Value> = {
  readonly Put: {
    TableName: string;
    Item: Record<string, Value>;
    ConditionExpression?: string;
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, Value>;
  };
};

/** A put of a transaction, as `TransactWriteItemsCommand` takes it. */
export type Entry = PutOf<AttributeValue>;
// biome-ignore lint/suspicious/noExplicitAny: that is how document clients type their values.
type DocumentPut = PutOf<any>;
/** The same with plain values, as document clients and `transaction.write` of ElectroDB take it. */
export type DocumentEntry = DocumentPut & {
  /** Never present: it exists for ElectroDB's types only. */
  readonly [TransactionSymbol]: unknown;
};

/**
 * Returns attributes as document clients take them. Headers are a `Map`: an object with a key named
 * `constructor` is an instance of a class to them, which they refuse.
 */
const asDocument = ({ headers, ...fields }: Fields) =>
  Object.fromEntries(
    Object.entries({ ...fields, headers: headers && new Map(Object.entries(headers)) }).filter(
      ([, value]) => value !== undefined,
    ),
  );

/**
 * Returns the puts by which a transaction stores a new message: the message, unless one that has
 * not expired has its id, and its payload if it has one.
 *
 * The payload needs no condition: it is written only together with the message, so no message can
 * refer to one that is stored under the same key.
 *
 * They do not ask for the item that refused them: whoever logs the error would log its body.
 */
export const submitEntries = (
  storage: Storage,
  { message, payload }: { readonly message: Message; readonly payload?: Payload },
): readonly DocumentEntry[] => {
  const put = newMessagePut(storage.table, message);
  const puts: DocumentPut[] = [{ Put: { ...put, Item: asDocument(put.Item) } }];
  if (payload) {
    puts.push({
      Put: { TableName: storage.table, Item: asDocument(payloadFields(message, payload)) },
    });
  }
  return puts as DocumentEntry[];
};

/** Returns the same entry as `TransactWriteItemsCommand` takes it. */
export const rawEntry = ({
  Put: { Item, ExpressionAttributeValues, ...rest },
}: DocumentEntry): Entry => ({
  Put: {
    ...rest,
    Item: itemOf(Item),
    ...(ExpressionAttributeValues && {
      ExpressionAttributeValues: itemOf(ExpressionAttributeValues),
    }),
  },
});
