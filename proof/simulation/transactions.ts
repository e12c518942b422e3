import { type Fields, type Item, plainOf } from "./items.ts";
import { meetsExpression } from "./memory/expressions.ts";
import type { Table } from "./table.ts";

/** A put of a transaction, as `TransactWriteItems` takes it. */
type Put = {
  readonly Item: Item;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
};
export type Transaction = {
  readonly TransactItems: readonly { readonly Put: Put }[];
  readonly ClientRequestToken?: string;
};

/** Hears of the items of each transaction that was made. */
export type OnCommit = (items: readonly Fields[]) => void;

/** Why each put was not made, as DynamoDB says it. */
export type Cancelled = readonly { readonly Code: "None" | "ConditionalCheckFailed" }[];

const holds = (put: Put, before: Fields | undefined): boolean =>
  put.ConditionExpression === undefined ||
  meetsExpression(put.ConditionExpression, before ?? {}, {
    names: put.ExpressionAttributeNames ?? {},
    values: plainOf(put.ExpressionAttributeValues ?? {}),
  });

/**
 * The transactions of one table: all puts are made, or none. One that comes again under its token
 * has been made, and is not made twice. `onCommit` hears of each that was made.
 */
export const transactionsOver = (
  { read, store }: Pick<Table, "read" | "store">,
  onCommit: OnCommit,
) => {
  const committed = new Set<string>();
  return ({ TransactItems, ClientRequestToken = "" }: Transaction): Cancelled | undefined => {
    if (committed.has(ClientRequestToken)) return undefined;
    const puts = TransactItems.map(({ Put }) => ({ put: Put, item: plainOf(Put.Item) }));
    const reasons = puts.map(({ put, item }) => holds(put, read(item)));
    if (!reasons.every(Boolean))
      return reasons.map((isMet) => ({ Code: isMet ? "None" : "ConditionalCheckFailed" }));
    committed.add(ClientRequestToken);
    for (const { item } of puts) store(item);
    onCommit(puts.map(({ item }) => item));
    return undefined;
  };
};
export type Transact = ReturnType<typeof transactionsOver>;

/** What DynamoDB says of a transaction that was cancelled. */
export const cancelled = (reasons: Cancelled) => ({
  status: 400,
  body: {
    __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    message: `Transaction cancelled [${reasons.map(({ Code }) => Code).join(", ")}]`,
    CancellationReasons: reasons,
  },
});
