import { type Fields, type Item, plainOf, rawOf } from "../items.ts";
import type { IndexName } from "../table.ts";

/** The input of a command, as far as the product uses it. */
export type Input = {
  readonly IndexName?: IndexName;
  readonly KeyConditionExpression?: string;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ExclusiveStartKey?: Item;
  readonly ScanIndexForward?: boolean;
  readonly ConsistentRead?: boolean;
  readonly Limit?: number;
  readonly Key?: Item;
  readonly Item?: Item;
  readonly ReturnValues?: string;
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean }>
  >;
  readonly ReturnValuesOnConditionCheckFailure?: string;
};
export type Key = { readonly pk: string; readonly sk: string };

export const keyOf = ({ pk, sk }: Item = {}): Key => ({
  pk: String(pk?.["S"]),
  sk: String(sk?.["S"]),
});
/** Items are never changed: each is written down once. */
const raws = new WeakMap<Fields, Item>();
export const rawOnce = (item: Fields): Item => {
  const known = raws.get(item) ?? rawOf(item);
  raws.set(item, known);
  return known;
};

export const placeholdersOf = (input: Input) => ({
  names: input.ExpressionAttributeNames ?? {},
  values: plainOf(input.ExpressionAttributeValues ?? {}),
});
