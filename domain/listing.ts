/** An entry of an index: its time and shard, and the key of the item that it leads to. */
export type Entry = {
  readonly at: number;
  readonly shard: number;
  readonly pk: string;
  readonly sk: string;
};

/** Names the item of an entry. */
export const nameOf = ({ pk, sk }: Pick<Entry, "pk" | "sk">): string => JSON.stringify([pk, sk]);

/**
 * The order of a list over all shards: by time, then by shard, then as the index orders entries of
 * one time. So one entry is a position in the whole list.
 */
export type Order = "newest-first" | "soonest-first";

/** Times from `from` to `to`, both included. */
export type TimeRange = { readonly from: number; readonly to: number };

export const isEmpty = ({ from, to }: TimeRange): boolean => from > to;

/** Where to read on in one shard: within a range, and after an entry of it if there is one. */
export type Start = { readonly range: TimeRange; readonly after?: Entry };

/**
 * Returns where a shard continues after a position of the whole list. Of the entries with the time
 * of the position, those in lower shards come before it, and those in higher shards after it.
 */
export const startIn = (
  shard: number,
  {
    order,
    range,
    after,
  }: { readonly order: Order; readonly range: TimeRange; readonly after?: Entry },
): Start => {
  if (!after) return { range };
  const isOver = shard < after.shard;
  const rest =
    order === "newest-first"
      ? { from: range.from, to: Math.min(range.to, isOver ? after.at - 1 : after.at) }
      : { from: Math.max(range.from, isOver ? after.at + 1 : after.at), to: range.to };
  return shard === after.shard ? { range: rest, after } : { range: rest };
};

/** What has been read of one shard and not been taken yet. `next` is null if that is the rest. */
export type Stream = {
  readonly shard: number;
  readonly entries: readonly Entry[];
  readonly next: Start | null;
};

/** Tells whether nothing is left in any of the shards. */
export const isOver = (streams: readonly Stream[]): boolean =>
  streams.every(({ entries, next }) => entries.length === 0 && next === null);

const isBefore = (one: Entry, other: Entry, order: Order): boolean => {
  if (one.at === other.at) return one.shard < other.shard;
  return order === "newest-first" ? one.at > other.at : one.at < other.at;
};

/**
 * Takes at most `count` entries from the heads of the shards, in the order of the list. Stops where
 * a shard has to be read on: its next entry might come first.
 */
export const takeMerged = (
  streams: readonly Stream[],
  order: Order,
  count: number,
): { readonly taken: readonly Entry[]; readonly rest: readonly Stream[] } => {
  const places = streams.map(() => 0);
  const headOf = (index: number): Entry | undefined => streams[index]?.entries[places[index] ?? 0];
  const taken: Entry[] = [];
  while (taken.length < count) {
    if (streams.some(({ next }, index) => next !== null && !headOf(index))) break;
    let first: number | undefined;
    for (const index of streams.keys()) {
      const head = headOf(index);
      const best = first === undefined ? undefined : headOf(first);
      if (head && (!best || isBefore(head, best, order))) first = index;
    }
    const entry = first === undefined ? undefined : headOf(first);
    if (first === undefined || !entry) break;
    taken.push(entry);
    places[first] = (places[first] ?? 0) + 1;
  }
  const rest = streams.map((stream, index) => ({
    ...stream,
    entries: stream.entries.slice(places[index]),
  }));
  return { taken, rest };
};

/** What a batch of entries comes to. */
export type Sifted<Item> = {
  readonly kept: readonly Item[];
  /** How many entries were examined, and the last of them. */
  readonly examined: number;
  readonly last?: Entry;
};

/**
 * Keeps the items that belong into the list, until there is no room for another one. Stops before
 * an item that was not read: passing it would lose it.
 */
export const sift = <Item>(
  entries: readonly Entry[],
  items: { readonly found: ReadonlyMap<string, Item>; readonly unread: ReadonlySet<string> },
  { room, keeps }: { readonly room: number; readonly keeps: (item: Item, at: Entry) => boolean },
): Sifted<Item> => {
  const kept = new Map<string, Item>();
  let examined = 0;
  for (const entry of entries) {
    const name = nameOf(entry);
    if (kept.size >= room || items.unread.has(name)) break;
    const item = items.found.get(name);
    if (item && keeps(item, entry)) kept.set(name, item);
    examined += 1;
  }
  return { kept: [...kept.values()], examined, last: entries[examined - 1] };
};
