import { Stream } from "node:stream";
import deleteItem from "dynalite/actions/deleteItem.js";
import getItem from "dynalite/actions/getItem.js";
import putItem from "dynalite/actions/putItem.js";
import query from "dynalite/actions/query.js";
import updateItem from "dynalite/actions/updateItem.js";
import batchGetItemRules from "dynalite/validations/batchGetItem.js";
import deleteItemRules from "dynalite/validations/deleteItem.js";
import getItemRules from "dynalite/validations/getItem.js";
import validations from "dynalite/validations/index.js";
import putItemRules from "dynalite/validations/putItem.js";
import queryRules from "dynalite/validations/query.js";
import updateItemRules from "dynalite/validations/updateItem.js";
import { createTableInput, type tableDescription } from "../../entities/table.ts";
import { type Fields, type Item, plainOf, rawOf } from "./items.ts";
import { asOf, keep, type Leeway, plainly, type Version } from "./leeway.ts";

export type Answer = { readonly status: number; readonly body: object };
type Input = Record<string, unknown>;

/** What a run itself does to its table, and sees of it: items as plain values. */
export type Table = {
  /** Puts an item as it is, or removes one. */
  readonly store: (item: Fields) => void;
  readonly remove: (item: Fields) => void;
  /** The item under the keys of one. */
  readonly read: (item: Fields) => Fields | undefined;
  readonly items: () => readonly Fields[];
  /** The entries of an index as it is now. */
  readonly entries: (index: IndexName) => readonly Fields[];
};
export type IndexName = keyof typeof tableDescription.indexes;
/** Hears of each change of an item. */
export type OnWrite = (before: Fields | undefined, after: Fields | undefined) => void;

/** The same, and what DynamoDB makes of a call. */
export type MemoryTable = Table & {
  readonly call: (operation: string, given: Input, leeway?: Leeway) => Answer;
};

const actions = {
  PutItem: { act: putItem, rules: putItemRules },
  UpdateItem: { act: updateItem, rules: updateItemRules },
  GetItem: { act: getItem, rules: getItemRules },
  DeleteItem: { act: deleteItem, rules: deleteItemRules },
  Query: { act: query, rules: queryRules },
} as const;

type Range = Partial<Record<"gte" | "gt" | "lt" | "lte", string>> & { readonly reverse?: boolean };

const isWithin = (key: string, { gte, gt, lt, lte }: Range): boolean =>
  (gte === undefined || key >= gte) &&
  (gt === undefined || key > gt) &&
  (lt === undefined || key < lt) &&
  (lte === undefined || key <= lte);

const notFound = Object.assign(new Error("NotFoundError"), { name: "NotFoundError" });

/** As in the JSON of DynamoDB: bytes in base64. */
const asJson = (item: Item): Item =>
  JSON.parse(
    JSON.stringify(item, (_, value) =>
      value?.type === "Buffer" ? Buffer.from(value.data).toString("base64") : value,
    ),
  );

/** Items are never changed: each is read once. */
const plain = new WeakMap<Item, Fields>();
const readOnce = (item: Item): Fields => {
  const known = plain.get(item) ?? plainOf(item);
  plain.set(item, known);
  return known;
};
const written = (item: Item | undefined): Fields | undefined => item && readOnce(item);

/**
 * A table in memory, of the product's own description. What conditions, updates and queries mean is
 * dynalite's own code, called without its server and its files, all at once: nobody ever sees half
 * a call. `onWrite` hears of each change of an item. As on DynamoDB, a read that does not ask for
 * consistency, as no read of an index can, may be answered with what was there a while ago.
 */
export const memoryTable = (
  table: string,
  onWrite: OnWrite = () => {},
  now: () => number = () => 0,
): MemoryTable => {
  const description = { ...createTableInput(table), TableStatus: "ACTIVE" };
  const items = new Map<string, Item>();
  /** Of each item its versions, and of each index its states: the present one last. */
  const itemVersions = new Map<string, Version<Item | undefined>[]>();
  const indexes = new Map<string, Version<ReadonlyMap<string, Item>>[]>();
  let staleMs = 0;
  /** What a query asked to be streamed; it is, once dynalite listens. */
  let stream: (() => void) | undefined;

  const statesOf = (index: string) => {
    const states = indexes.get(index) ?? [{ at: Number.NEGATIVE_INFINITY, value: new Map() }];
    indexes.set(index, states);
    return states;
  };
  const replace = (key: string, item: Item | undefined): void => {
    const before = items.get(key);
    const versions = itemVersions.get(key) ?? [{ at: Number.NEGATIVE_INFINITY, value: before }];
    itemVersions.set(key, versions);
    keep(versions, { at: now(), value: item });
    if (item) items.set(key, item);
    else items.delete(key);
    if (before || item) onWrite(written(before), written(item));
  };
  /** An item as this read sees it. */
  const seen = (key: string): Item | undefined =>
    staleMs === 0 ? items.get(key) : asOf(itemVersions.get(key) ?? [], now() - staleMs);
  const streamOf = (rows: ReadonlyMap<string, Item>, range: Range): Stream => {
    // A stream and not any emitter: dynalite would hear all others twice.
    const values = new Stream();
    stream = () => {
      const keys = [...rows.keys()].filter((key) => isWithin(key, range)).sort();
      for (const key of range.reverse ? keys.reverse() : keys) values.emit("data", rows.get(key));
      values.emit("end");
    };
    return values;
  };
  const changeIndex = (index: string, change: (rows: Map<string, Item>) => void): void => {
    const states = statesOf(index);
    const value = new Map(states.at(-1)?.value);
    change(value);
    keep(states, { at: now(), value });
  };

  const itemFiles = {
    lock: (_key: string, act: (release: <Callback>(callback: Callback) => Callback) => void) =>
      act((callback) => callback),
    get: (key: string, found: (error: Error | null, item?: Item) => void) => {
      const item = seen(key);
      return item ? found(null, item) : found(notFound);
    },
    put: (key: string, item: Item, done: () => void) => {
      replace(key, item);
      done();
    },
    del: (key: string, done: () => void) => {
      replace(key, undefined);
      done();
    },
    createValueStream: (range: Range) => {
      const rows = [...itemVersions.keys()].flatMap((key) => {
        const item = seen(key);
        return item ? [[key, item] as const] : [];
      });
      return streamOf(new Map(rows), range);
    },
  };
  const indexFiles = (index: string) => ({
    put: (key: string, item: Item, done: () => void) => {
      changeIndex(index, (rows) => rows.set(key, item));
      done();
    },
    del: (key: string, done: () => void) => {
      changeIndex(index, (rows) => rows.delete(key));
      done();
    },
    createValueStream: (range: Range) =>
      streamOf(asOf(statesOf(index), now() - staleMs) ?? new Map(), range),
  });
  const store = {
    options: { maxItemSize: 400 * 1024 },
    tableDb: {},
    getTable: (_name: string, found: (error: null, table: object) => void) =>
      found(null, description),
    getItemDb: () => itemFiles,
    getIndexDb: (_type: string, _table: string, index: string) => indexFiles(index),
  };

  const run = (operation: keyof typeof actions, given: Input, leeway = plainly): Answer => {
    const { act, rules } = actions[operation];
    // What a write decides on is always the present.
    const isStale = ["GetItem", "Query"].includes(operation) && given["ConsistentRead"] !== true;
    staleMs = isStale ? leeway.staleMs : 0;
    const data = validations.checkTypes(given, rules.types);
    validations.checkValidations(data, rules.types, rules.custom, store);
    let answer: Answer | undefined;
    stream = undefined;
    act(store, data, (error, output) => {
      if (error && !error.body) throw error;
      answer = error
        ? { status: error.statusCode, body: error.body }
        : { status: 200, body: output ?? {} };
    });
    // dynalite's own streams begin once everybody listens.
    (stream as (() => void) | undefined)?.();
    if (!answer) throw new Error(`${operation} was not answered at once`);
    return answer;
  };

  const runBatch = (given: Input, leeway: Leeway): Answer => {
    const data = validations.checkTypes(given, batchGetItemRules.types);
    validations.checkValidations(data, batchGetItemRules.types, batchGetItemRules.custom, store);
    const asked = data["RequestItems"] as Record<string, { readonly Keys: readonly object[] }>;
    const Responses = Object.entries(asked).map(([name, { Keys, ...rest }]) => {
      const found = Keys.map((Key) => run("GetItem", { TableName: name, ...rest, Key }, leeway));
      return [name, found.flatMap(({ body }) => (body as { Item?: Item }).Item ?? [])] as const;
    });
    return {
      status: 200,
      body: { Responses: Object.fromEntries(Responses), UnprocessedKeys: {} },
    };
  };

  /** dynalite does not know the parameter; DynamoDB answers a lost condition with the item. */
  const withOldItem = (given: Input, { status, body }: Answer): Answer => {
    const { __type: type = "" } = body as { __type?: string };
    if (status !== 400 || !type.endsWith("ConditionalCheckFailedException"))
      return { status, body };
    const { pk, sk } = (given["Key"] ?? given["Item"]) as Item;
    const { Item } = run("GetItem", { TableName: table, Key: { pk, sk } }).body as { Item?: Item };
    return { status, body: { ...body, ...(Item && { Item }) } };
  };

  /** Makes one call as DynamoDB would: its status and what it answers. */
  const call = (operation: string, given: Input, leeway = plainly): Answer => {
    try {
      if (operation === "BatchGetItem") return runBatch(given, leeway);
      if (!(operation in actions)) throw new Error(`Nobody knows ${operation} here`);
      // Before the call: dynalite takes out of its input what it does not know.
      const isOldItemAsked = given["ReturnValuesOnConditionCheckFailure"] === "ALL_OLD";
      const answer = run(operation as keyof typeof actions, given, leeway);
      return isOldItemAsked && leeway.isOldItemShown ? withOldItem(given, answer) : answer;
    } catch (error) {
      const { statusCode, ...body } = error as { statusCode?: number };
      if (statusCode === undefined) throw error;
      return { status: statusCode, body: { ...body, ...(error as { body?: object }).body } };
    }
  };
  const own = (operation: string, input: Input): void => {
    const { status, body } = call(operation, { TableName: table, ...input });
    if (status !== 200) throw new Error(JSON.stringify(body));
  };

  return {
    call,
    store: (item) => own("PutItem", { Item: asJson(rawOf(item)) }),
    remove: ({ pk, sk }) => own("DeleteItem", { Key: rawOf({ pk, sk }) }),
    read: ({ pk, sk }) => {
      const { body } = call("GetItem", {
        ...{ TableName: table, Key: rawOf({ pk, sk }), ConsistentRead: true },
      });
      return written((body as { Item?: Item }).Item);
    },
    items: () => [...items.values()].map(readOnce),
    entries: (index) => [...(statesOf(index).at(-1)?.value.values() ?? [])].map(readOnce),
  };
};
