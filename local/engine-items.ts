import { LRUCache } from "lru-cache";
import { type IndexedTable, type IndexModule, indexWritesOf, putOf } from "./engine-indexes.ts";
import type { Operation } from "./level-db.ts";

type Item = object;
type Done<Value = void> = (error: unknown, value?: Value) => void;
/** The items of a table, as dynalite's actions use them. */
type ItemDb = {
  get: (key: string, done: Done<Item>) => void;
  put: (key: string, item: Item, done: Done) => void;
  del: (key: string, done: Done) => void;
};
export type ItemStore = {
  readonly db: { readonly batch: (operations: readonly Operation[]) => Promise<void> };
  getItemDb: (table: string) => ItemDb;
};
/** As much of dynalite's inner module as is used or replaced here. */
export type ItemModule = IndexModule & {
  updateIndexes: (
    store: ItemStore,
    table: IndexedTable,
    before: Item | undefined,
    item: Item | undefined,
    done: Done,
  ) => void;
};

/** Items written a moment ago are read again soon: by the next verb of the same message. */
const recentMax = 5000;
const recentCharsMax = 8_000_000;

/** The writes of the indexes that belong to the write of an item which comes next, in the same turn. */
const indexWrites = new WeakMap<ItemStore, readonly Operation[]>();

const itemDbOf = (store: ItemStore, plain: ItemDb, table: string): ItemDb => {
  const recent = new LRUCache<string, string>({
    ...{ max: recentMax, maxSize: recentCharsMax },
    sizeCalculation: (text) => text.length + 1,
  });
  const write = async (key: string, own: Operation, text: string | undefined, done: Done) => {
    const indexes = indexWrites.get(store) ?? [];
    indexWrites.delete(store);
    // What a write that fails has left is only known when the files have been opened again.
    recent.delete(key);
    try {
      await store.db.batch([...indexes, own]);
    } catch (error) {
      done(error);
      return;
    }
    if (text !== undefined) recent.set(key, text);
    done(null);
  };
  return {
    ...plain,
    get: (key, done) => {
      const text = recent.get(key);
      // Read anew each time: the engine and its callers change what they are given.
      if (text !== undefined) queueMicrotask(() => done(null, JSON.parse(text)));
      else plain.get(key, done);
    },
    put: (key, item, done) => {
      const text = JSON.stringify(item);
      void write(key, putOf(`item-${table}~${key}`, text), text, done);
    },
    del: (key, done) =>
      void write(key, { type: "del", key: `item-${table}~${key}` }, undefined, done),
  };
};

/**
 * Makes dynalite write an item and its index entries by one batch of LevelDB, which a crash leaves
 * done or not done; it would write them one after the other. Items that were written a moment ago
 * are read from memory: the engine holds a lock for each item while it writes, and they are kept
 * only after that.
 */
export const writeItemsAtOnce = (items: ItemModule): ((store: ItemStore) => void) => {
  const stores = new WeakSet<ItemStore>();
  const oneByOne = items.updateIndexes;
  items.updateIndexes = (store, table, before, item, done) => {
    if (!stores.has(store)) {
      oneByOne(store, table, before, item, done);
      return;
    }
    indexWrites.set(store, indexWritesOf(items, table, before, item));
    // Which writes the item before it returns.
    done(null);
  };
  return (store) => {
    const plain = store.getItemDb;
    const opened = new Map<string, ItemDb>();
    store.getItemDb = (table) => {
      const found = opened.get(table) ?? itemDbOf(store, plain(table), table);
      opened.set(table, found);
      return found;
    };
    stores.add(store);
  };
};
