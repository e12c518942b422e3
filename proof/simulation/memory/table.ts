import { hash } from "node:crypto";
import { tableDescription } from "../../../entities/table.ts";
import type { Fields } from "../items.ts";
import { asOf, keep, type Version, versionsKept } from "../leeway.ts";
import type { IndexName, OnWrite, Table } from "../table.ts";

type Key = { readonly pk: string; readonly sk: string };

/** A table of plain items, with what the clients of the product read and write in it. */
export type PlainTable = Table & {
  /** An item as it was so long ago. */
  readonly get: (key: Key, staleMs: number) => Fields | undefined;
  /** The items of a partition, or the entries of one of an index, in the order of their keys. */
  readonly partition: (pk: string, staleMs: number) => readonly Fields[];
  readonly indexed: (index: IndexName, pk: string, staleMs: number) => readonly Fields[];
  /** Replaces an item, or removes it. */
  readonly write: (key: Key, item: Fields | undefined) => void;
};

/** One change of an index: what was there under a key before, and is since. */
type Change = { readonly at: number; readonly key: string; readonly before: Fields | undefined };

const indexes = Object.entries(tableDescription.indexes) as [
  IndexName,
  (typeof tableDescription.indexes)[IndexName],
][];
const nameOf = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

/** Entries with one sort key are in the order of dynalite, which is as good as any. */
const ranks = new Map<string, string>();
const rankOf = (item: Fields): string => {
  const text = `Outliers${item["pk"]}${item["sk"]}`;
  const rank = ranks.get(text) ?? hash("md5", text).slice(0, 6);
  ranks.set(text, rank);
  return rank;
};

type Order = (one: Fields, other: Fields) => number;
const by =
  (of: (item: Fields) => string | number): Order =>
  (one, other) => {
    const [left, right] = [of(one), of(other)];
    return left < right ? -1 : left > right ? 1 : 0;
  };
const byRank = by(rankOf);
const bySortKey = by((item) => item["sk"] as string);

/** The order of the entries of a partition of an index. */
export const orderOf = (index: IndexName): Order => {
  const { sk } = tableDescription.indexes[index];
  const bySort = by((item) => item[sk] as string | number);
  return (one, other) => bySort(one, other) || byRank(one, other);
};

/** One index: its entries are the items themselves. */
const indexOf = (name: IndexName, now: () => number) => {
  const { pk, sk } = tableDescription.indexes[name];
  const entries = new Map<string, Fields>();
  const changes: Change[] = [];
  const order = orderOf(name);

  const keyOf = (item: Fields | undefined): string | undefined =>
    item?.[pk] == null || item[sk] == null
      ? undefined
      : `${item[pk]}\n${item[sk]}\n${nameOf(item as never)}`;
  const change = (key: string, item: Fields | undefined): void => {
    changes.push({ at: now(), key, before: entries.get(key) });
    if (item) entries.set(key, item);
    else entries.delete(key);
    // With the first one of all, as many states are known as of an item.
    if (changes.length >= versionsKept) changes.shift();
  };
  /** The entries as they were: what has happened since is undone. */
  const entriesAt = (time: number): Iterable<Fields> => {
    const last = changes.at(-1);
    if (!last || last.at <= time) return entries.values();
    const then = new Map(entries);
    for (const { at, key, before } of changes.toReversed()) {
      if (at <= time) break;
      if (before) then.set(key, before);
      else then.delete(key);
    }
    return then.values();
  };
  return {
    wrote: (before: Fields | undefined, after: Fields | undefined): void => {
      const [old, key] = [keyOf(before), keyOf(after)];
      if (old === undefined && key === undefined) return;
      if (old !== undefined && old !== key) change(old, undefined);
      if (key !== undefined) change(key, after);
    },
    of: (partition: string, staleMs: number): readonly Fields[] =>
      [...(staleMs === 0 ? entries.values() : entriesAt(now() - staleMs))]
        .filter((item) => item[pk] === partition)
        .sort(order),
    all: (): readonly Fields[] => [...entries.values()],
  };
};

/**
 * A table in memory, of the product's own description, without DynamoDB's notation and expressions.
 * `onWrite` hears of each change of an item. A test holds it to dynalite.
 */
export const plainTable = (
  onWrite: OnWrite = () => {},
  now: () => number = () => 0,
): PlainTable => {
  const items = new Map<string, Fields>();
  const versions = new Map<string, Version<Fields | undefined>[]>();
  const byName = new Map(indexes.map(([name]) => [name, indexOf(name, now)]));
  const index = (name: IndexName) => byName.get(name) as ReturnType<typeof indexOf>;

  const get = (key: Key, staleMs: number): Fields | undefined => {
    const name = nameOf(key);
    return staleMs === 0 ? items.get(name) : asOf(versions.get(name) ?? [], now() - staleMs);
  };
  const write = (key: Key, item: Fields | undefined): void => {
    const name = nameOf(key);
    const before = items.get(name);
    const known = versions.get(name) ?? [{ at: Number.NEGATIVE_INFINITY, value: before }];
    versions.set(name, known);
    keep(known, { at: now(), value: item });
    if (item) items.set(name, item);
    else items.delete(name);
    for (const each of byName.values()) each.wrote(before, item);
    if (before || item) onWrite(before, item);
  };
  return {
    get,
    write,
    partition: (pk, staleMs) => {
      const found = [...versions.keys()].flatMap((name) => {
        if (!name.startsWith(`${pk}\n`)) return [];
        const item = get({ pk, sk: name.slice(pk.length + 1) }, staleMs);
        return item ? [item] : [];
      });
      return found.sort(bySortKey);
    },
    indexed: (name, pk, staleMs) => index(name).of(pk, staleMs),
    store: (item) => write(item as Key, item),
    remove: (item) => write(item as Key, undefined),
    read: (item) => get(item as Key, 0),
    items: () => [...items.values()],
    entries: (name) => index(name).all(),
  };
};
