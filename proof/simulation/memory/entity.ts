import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { createConversions, Entity } from "electrodb";
import type { Fields } from "../items.ts";
import { type TableRequest, tableName } from "../outside.ts";
import { remembered } from "../remembered.ts";
import { meetsExpression } from "./expressions.ts";
import { requestOfTable } from "./requests.ts";
import { type Description, type Shape, shapeOf } from "./shape.ts";
import type { PlainTable } from "./table.ts";

/** The options of a call that are used here. */
type Options = {
  readonly consistent?: boolean;
  readonly response?: "all_old";
  readonly returnOnConditionCheckFailure?: "all_old";
};
type Ops = Readonly<Record<string, (at: unknown, value?: unknown) => string>>;
type Where = (at: Readonly<Record<string, string>>, ops: Ops) => string;
type Result = { readonly rejected?: boolean; readonly data: unknown };
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
type Write = {
  readonly operation: "PutItem" | "UpdateItem" | "DeleteItem";
  readonly key: Key;
  readonly needs?: "an item" | "no item";
  readonly next: (before: Fields | undefined) => Fields | undefined;
};

const nothing: Fields = {};

const made = async (
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
const writing = (shape: Shape, write: Omit<Write, "next">, from: (before?: Fields) => Fields) => {
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

const reading = (shape: Shape, given: Fields) => ({
  go: ({ consistent }: Options = {}): Promise<Result> => {
    const request: TableRequest = {
      ...{ operation: "GetItem", ...shape.keyOf(given) },
      ...{ isOldAllowed: consistent !== true, isOldItemAsked: false },
    };
    return requestOfTable(request, (table, { staleMs }) => ({
      data: shape.dataOf(table.get(shape.keyOf(given), staleMs)),
    }));
  },
});

const querying = (shape: Shape, given: Fields) => {
  let isWithin = ({ sk }: Fields): boolean => String(sk).startsWith(shape.skPrefix);
  const query = {
    between: (from: Fields, to: Fields) => {
      const [first, last] = [from, to].map((each) => shape.keyOf({ ...given, ...each }).sk);
      isWithin = ({ sk }) => String(sk) >= String(first) && String(sk) <= String(last);
      return query;
    },
    go: (options: Options & { readonly pages?: unknown; readonly cursor?: unknown }) => {
      if (options.pages !== "all") throw new Error("Nobody asks for single pages here");
      const request: TableRequest = {
        ...{ operation: "Query", isOldAllowed: options.consistent !== true },
        isOldItemAsked: false,
      };
      return requestOfTable(request, (table, { staleMs }): { data: readonly Fields[] } => ({
        data: table.partition(shape.keyOf(given).pk, staleMs).flatMap((item) => {
          const data = isWithin(item) ? shape.dataOf(item) : null;
          return data ? [data] : [];
        }),
      }));
    },
  };
  return query;
};

type Parsed = { readonly data: unknown };
/** Keys are read and written by ElectroDB itself, each once: it takes its time. */
const inner = Entity.prototype as unknown as Readonly<
  Record<
    "_fromKeysToCompositeByIndex" | "_fromCompositeToKeysByIndex",
    (...given: readonly unknown[]) => unknown
  >
>;

/**
 * ElectroDB's entity as far as the product uses it, over a table of plain items: the same
 * description, the same calls, the product's own conditions. It marshals nothing and asks no SDK,
 * and so takes a hundredth of the time. A test holds it to ElectroDB over dynalite.
 */
class PlainEntity extends (Entity as unknown as new (
  description: Description,
  config: object,
) => { readonly parse: (given: { readonly Item: Fields }) => Parsed }) {
  readonly shape: Shape;
  readonly query: { readonly primary: (given: Fields) => ReturnType<typeof querying> };

  constructor(description: Description, config: object) {
    super(description, config);
    const { byAccessPattern } = createConversions(this as never) as unknown as {
      byAccessPattern: Record<string, { fromComposite: { toKeys: (given: object) => Fields } }>;
    };
    const shape = shapeOf(description, (pattern, attributes) => {
      const { fromComposite } = byAccessPattern[pattern] as (typeof byAccessPattern)[string];
      return fromComposite.toKeys(attributes);
    });
    this.shape = shape;
    this.query = { primary: (given) => querying(shape, given) };
  }

  get(given: Fields) {
    return reading(this.shape, given);
  }
  put(given: Fields, needs?: Write["needs"]) {
    const item = this.shape.itemOf(given);
    const key = { pk: String(item["pk"]), sk: String(item["sk"]) };
    return writing(this.shape, { operation: "PutItem", key, needs }, () => item);
  }
  create(given: Fields) {
    return this.put(given, "no item");
  }
  patch(given: Fields) {
    return this.#update(given, "an item");
  }
  upsert(given: Fields) {
    return this.#update(given);
  }
  #update(given: Fields, needs?: Write["needs"]) {
    const key = this.shape.keyOf(given);
    const identity = this.shape.identity(given);
    const write = { operation: "UpdateItem", key, needs } as const;
    return writing(this.shape, write, (before) => ({ ...key, ...before, ...identity }));
  }
  delete(given: Fields) {
    const { shape } = this;
    const write: Write = {
      ...{ operation: "DeleteItem", key: shape.keyOf(given), next: () => undefined },
    };
    const wheres: Where[] = [];
    const builder = {
      where: (where: Where) => {
        wheres.push(where);
        return builder;
      },
      go: (options: Options = {}) => made(shape, write, wheres, options),
    };
    return builder;
  }
  /** What is damaged is read by ElectroDB itself, which says what it makes of it. */
  override parse = ({ Item }: { readonly Item: Fields }) =>
    this.shape.isSound(Item) ? { data: this.shape.dataOf(Item) } : this.#parsed(Item);
  #parsed = remembered(
    (Item: Fields) => Entity.prototype.parse.call(this, { Item } as never) as Parsed,
  );

  // What `createConversions` asks.
  _fromKeysToCompositeByIndex = remembered((given: object) =>
    inner._fromKeysToCompositeByIndex.call(this, given),
  );
  _fromCompositeToKeysByIndex = remembered((given: object, options?: object) =>
    inner._fromCompositeToKeysByIndex.call(this, given, options),
  );
}

/** Takes the place of ElectroDB's `Entity` for a storage. */
export const plainEntity = PlainEntity as unknown as typeof Entity;
