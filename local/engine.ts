import { createRequire } from "node:module";
import type { EngineAnswer, EngineCall } from "../adapters/engine-call.ts";
import { type ExpressionParser, rememberExpressions } from "./engine-expressions.ts";
import { unavailable } from "./engine-gate.ts";
import { type IndexedTable, indexWritesOf } from "./engine-indexes.ts";
import { type ItemModule, type ItemStore, writeItemsAtOnce } from "./engine-items.ts";
import { rememberTables, type TableStore } from "./engine-tables.ts";
import type { Operation as Write } from "./level-db.ts";

/** DynamoDB in this process, over LevelDB. */
export type Engine = {
  readonly call: EngineCall;
  /** Resolves when what is under way has ended and the files are closed. */
  readonly close: () => Promise<void>;
};

/** As much of dynalite's inner modules as is used here. */
type Store = ItemStore &
  TableStore & {
    readonly lifecycleManager: { readonly gracefulClose: () => Promise<void> };
  };
type Modules = {
  readonly db: ItemModule & {
    readonly create: (options: object) => Store;
    readonly validationError: (message: string) => Error;
  };
  readonly validations: {
    readonly checkTypes: (input: object, types: object) => object;
    readonly checkValidations: (
      input: object,
      types: object,
      custom: unknown,
      store: Store,
    ) => void;
  };
};
type Operation = {
  readonly rules: {
    readonly types: object;
    /** Judges values and parses expressions; returns what is wrong. */
    readonly custom?: (input: object, store: Store) => string | undefined;
  };
  readonly act: (
    store: Store,
    input: object,
    done: (error: unknown, output?: object) => void,
  ) => void;
};

const operations = [
  ...["BatchGetItem", "BatchWriteItem", "CreateTable", "DeleteItem", "DeleteTable"],
  ...["DescribeTable", "DescribeTimeToLive", "GetItem", "ListTables", "PutItem"],
  ...["Query", "Scan", "UpdateItem", "UpdateTable"],
] as const;
/** They leave the description of a table as it is. */
const ofItems = new Set([
  ...["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan"],
  "UpdateItem",
]);

const ours = createRequire(import.meta.url);
const inner = createRequire(ours.resolve("dynalite"));
const { db, validations }: Modules = {
  db: inner("./db") as Modules["db"],
  validations: inner("./validations") as Modules["validations"],
};
for (const parser of ["conditionParser", "updateParser"])
  rememberExpressions(inner(`./db/${parser}`) as ExpressionParser);
const atOnce = writeItemsAtOnce(db);
const known: ReadonlyMap<string, Operation> = new Map(
  operations.map((name) => {
    const file = name.charAt(0).toLowerCase() + name.slice(1);
    return [name, { rules: inner(`./validations/${file}`), act: inner(`./actions/${file}`) }];
  }),
);

/** Returns the writes of the index entries that the engine makes for an item. */
export const indexEntriesOf = (table: IndexedTable, item: object): readonly Write[] =>
  indexWritesOf(db, table, undefined, item);

const unknownOperation: EngineAnswer = {
  statusCode: 400,
  body: { __type: "com.amazon.coral.service#UnknownOperationException" },
};

/** Returns what an error says to the caller: dynalite's own carry an answer, any other is ours. */
const answerOf = (error: unknown): EngineAnswer => {
  const { statusCode, body } = error as Partial<EngineAnswer>;
  return statusCode !== undefined && body !== undefined ? { statusCode, body } : unavailable;
};

/** Returns what to act on for an input. Throws if something is wrong with it. */
const checked = ({ rules }: Operation, store: Store, given: object, isTyped: boolean): object => {
  const { types, custom } = rules;
  if (isTyped) {
    const fault = custom?.(given, store);
    if (fault) throw db.validationError(fault);
    return given;
  }
  const input = validations.checkTypes(given, types);
  validations.checkValidations(input, types, custom, store);
  return input;
};

/**
 * Opens dynalite's engine without its HTTP server, at `path` or in memory. An input is as the JSON of
 * DynamoDB's protocol, and the engine may change it.
 */
export const openEngine = ({ path }: { readonly path?: string | undefined }): Engine => {
  const store = db.create({ path, createTableMs: 0 });
  atOnce(store);
  const { forget } = rememberTables(store);
  const call: EngineCall = (name, given, isTyped = false) => {
    const operation = known.get(name);
    if (!operation) return Promise.resolve(unknownOperation);
    return new Promise((resolve) => {
      const changesTables = !ofItems.has(name);
      if (changesTables) forget();
      try {
        const input = checked(operation, store, given, isTyped);
        operation.act(store, input, (error, output = {}) => {
          if (changesTables) forget();
          resolve(error ? answerOf(error) : { statusCode: 200, body: output });
        });
      } catch (error) {
        resolve(answerOf(error));
      }
    });
  };
  return { call, close: () => store.lifecycleManager.gracefulClose() };
};
