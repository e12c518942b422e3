import { indexFor, type ListFilter, rangeOf } from "../../domain/list-filter.ts";
import { isEmpty, type Start } from "../../domain/listing.ts";
import type { ListPageDeps } from "./list-page.ts";

export type CountAsk = {
  readonly senderId: string;
  readonly filter: Pick<ListFilter, "status" | "from" | "to">;
  /** How many entries are examined, and so counted at most. */
  readonly max: number;
};

/** If it is not exact, there are at least `count`. */
export type MessageCount = { readonly count: number; readonly isExact: boolean };

type Open = { readonly shard: number; readonly start: Start };

const openShards = (shards: number, filter: CountAsk["filter"]): readonly Open[] => {
  const range = rangeOf(filter);
  if (isEmpty(range)) return [];
  return Array.from({ length: shards }, (_, shard) => ({ shard, start: { range } }));
};

/**
 * Counts the entries that a sender has in an index, over all shards at once. Reads no items: the
 * index alone says what is in it. Examines `max` entries and one, and the remainder of one a shard.
 */
export const countEntries = async (
  { lists, shards }: ListPageDeps,
  { senderId, filter, max }: CountAsk,
): Promise<MessageCount> => {
  const index = indexFor(filter);
  let open = openShards(shards, filter);
  let [count, examined] = [0, 0];
  // One more than are counted: nothing else tells whether there are others.
  while (open.length > 0 && examined <= max) {
    const limit = Math.ceil((max + 1 - examined) / open.length);
    const parts = await Promise.all(
      open.map(async ({ shard, start }) => ({
        ...{ shard, ...(await lists.count({ index, senderId, shard }, start, limit)) },
      })),
    );
    for (const part of parts) {
      count += part.count;
      examined += part.examined;
    }
    open = parts.flatMap(({ shard, next }) => (next ? [{ shard, start: next }] : []));
  }
  return { count: Math.min(count, max), isExact: open.length === 0 && count <= max };
};
