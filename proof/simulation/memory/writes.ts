import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import type { Fields } from "../items.ts";
import { tableName } from "../outside.ts";
import { meetsExpression } from "./expressions.ts";
import { requestOfTable } from "./requests.ts";
import type { Shape } from "./shape.ts";
import type { PlainTable } from "./table.ts";

/** The options of a call that are used here. */
export type Options = {
  readonly consistent?: boolean;
  readonly response?: "all_old";
  readonly returnOnConditionCheckFailure?: "all_old";
};
type Ops = Readonly<Record<string, (at: unknown, value?: unknown) => string>>;
export type Where = (at: Readonly<Record<string, string>>, ops: Ops) => string;
export type Result = { readonly rejected?: boolean; readonly data: unknown };
type Key = { readonly pk: string; readonly sk: string };

/** Names of attributes are what they say. */
const at = new Proxy({}, { get: (_, name) => name }) as Readonly<Record<string, string>>;

/** A condition as the product's stores write it for ElectroDB, in the notation of DynamoDB. */
const written = (where: Where) => {
  const values: Record<string, unknown> = {};
  let count = 0;
  const compare = (operator: string) => (name: unknown, value: unknown) => {
    const placeholder = `:${count}`;
    count += 1;
    values[placeholder] = value;
    return `${name} ${operator} ${placeholder}`;
  };
  const text = where(at, {
    ...{ eq: compare("="), ne: compare("<>"), lt: compare("<"), lte: compare("<=") },
    ...{ gt: compare(">"), gte: compare(">=") },
    exists: (name) => `attribute_exists(${name})`,
    notExists: (name) => `attribute_not_exists(${name})`,
  });
  return { text, values };
};
const holds = (where: Where, item: Fields): boolean => {
  const { text, values } = written(where);
  return meetsExpression(text, item, { values });
};
/** The same, for whoever makes the write himself. */
const conditionOf = ([where]: readonly Where[]) => {
  if (!where) return {};
  const { text, values } = written(where);
  return { ConditionExpression: text, ExpressionAttributeValues: values };
};

/** One write under way: what it is conditional on, and what becomes of the item. */
export type Write = {
  readonly operation: "PutItem" | "UpdateItem" | "DeleteItem";
  readonly key: Key;
  readonly needs?: "an item" | "no item";
  readonly next: (before: Fields | undefined) => Fields | undefined;
};

const nothing: Fields = {};

export const made = async (
  shape: Shape,
  { operation, key, needs, next }: Write,
  wheres: readonly Where[],
  options: Options,
): Promise<Result> => {
  const isOldItemAsked = options.returnOnConditionCheckFailure !== undefined;
  const kind = { kind: shape.entity, isOldAllowed: false, isOldItemAsked };
  const perform = (table: PlainTable, { isOldItemShown }: { isOldItemShown: boolean }): Result => {
    const before = table.get(key, 0);
    const isThere = needs === undefined || (before !== undefined) === (needs === "an item");
    if (isThere && wheres.every((where) => holds(where, before ?? nothing))) {
      table.write(key, next(before));
      return { data: options.response === "all_old" ? shape.dataOf(before) : null };
    }
    return { rejected: true, data: isOldItemShown ? shape.dataOf(before) : null };
  };
  const result = await requestOfTable({ operation, ...key, ...kind }, perform);
  if (!result.rejected || isOldItemAsked) return result;
  const message = "The conditional request failed";
  throw new ConditionalCheckFailedException({ message, $metadata: { httpStatusCode: 400 } });
};

/** A write that is put together as with ElectroDB. */
export const writing = (
  shape: Shape,
  write: Omit<Write, "next">,
  from: (before?: Fields) => Fields,
) => {
  const wheres: Where[] = [];
  const steps: ((item: Record<string, unknown>) => void)[] = [];
  const next = (before: Fields | undefined): Fields => {
    const item = { ...from(before) };
    for (const step of steps) step(item);
    return item;
  };
  const builder = {
    set: (given: Fields) => {
      const changed = shape.changed(given);
      steps.push((item) => Object.assign(item, changed));
      return builder;
    },
    add: (given: Readonly<Record<string, number>>) => {
      steps.push((item) => {
        for (const name in given) item[name] = Number(item[name] ?? 0) + Number(given[name]);
      });
      return builder;
    },
    remove: (names: readonly string[]) => {
      steps.push((item) => {
        for (const name of names) delete item[name];
      });
      return builder;
    },
    where: (where: Where) => {
      wheres.push(where);
      return builder;
    },
    params: () => ({ TableName: tableName, Item: from(), ...conditionOf(wheres) }),
    go: (options: Options = {}) => made(shape, { ...write, next }, wheres, options),
  };
  return builder;
};
