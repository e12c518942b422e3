import { indexFor, type ListFilter, matches, orderOf, rangeOf } from "../../domain/list-filter.ts";
import {
  type Entry,
  isEmpty,
  isOver,
  type Order,
  type Stream,
  sift,
  startIn,
  takeMerged,
} from "../../domain/listing.ts";
import type { Message } from "../../domain/message.ts";
import type { ListShard } from "../../entities/index-keys.ts";
import type { MessageListStore } from "../../entities/message-list.ts";

export type ListPageDeps = {
  readonly lists: MessageListStore;
  /** Readers read every shard: a message stays in its shard when there are more. */
  readonly shards: number;
};

export type ListPageAsk = {
  readonly senderId: string;
  readonly filter: ListFilter;
  readonly now: number;
  /** The position after which the page begins. */
  readonly after?: Entry;
  /** How many messages the page has at most, and how many entries are examined for it at most. */
  readonly limit: number;
  readonly examinedMax: number;
};

export type ListPage = {
  readonly messages: readonly Message[];
  /** The position at which the next page begins, or null if there is none. */
  readonly next: Entry | null;
};

/** What BatchGetItem reads at once (Amazon DynamoDB). */
const batchMax = 100;
/** As many keys as a half read unit of an index query usually holds. */
const entriesMin = 16;

type Reading = Omit<ListShard, "shard"> & {
  readonly lists: MessageListStore;
  readonly order: Order;
};

/** Reads on in each shard of which nothing is at hand, `ahead` entries over all shards. */
const refilled = (
  { lists, ...of }: Reading,
  streams: readonly Stream[],
  ahead: number,
): Promise<readonly Stream[]> => {
  const limit = Math.max(entriesMin, Math.ceil(ahead / streams.length));
  return Promise.all(
    streams.map(async (stream) => {
      const { shard, entries, next } = stream;
      if (entries.length > 0 || next === null) return stream;
      return { shard, ...(await lists.entries({ ...of, shard }, next, limit)) };
    }),
  );
};

/** Takes the next entries of the list, `wanted` of them unless there are fewer. */
const takeNext = async (
  reading: Reading,
  streams: readonly Stream[],
  { wanted, ahead }: { readonly wanted: number; readonly ahead: number },
) => {
  const entries: Entry[] = [];
  let rest = streams;
  while (entries.length < wanted && !isOver(rest)) {
    const left = wanted - entries.length;
    const merged = takeMerged(await refilled(reading, rest, ahead), reading.order, left);
    entries.push(...merged.taken);
    rest = merged.rest;
  }
  return { entries, rest };
};

const streamsOf = ({ shards }: ListPageDeps, { filter, after }: ListPageAsk): readonly Stream[] => {
  const list = { order: orderOf(indexFor(filter)), range: rangeOf(filter), after };
  return Array.from({ length: shards }, (_, shard) => {
    const start = startIn(shard, list);
    return { shard, entries: [], next: isEmpty(start.range) ? null : start };
  });
};

/**
 * Reads one page of a list. The index says which messages there are and in which order; the items
 * say whether they match. The page may have fewer messages than `limit` and still a next one: it
 * ends after `examinedMax` entries, and before an item that DynamoDB did not read. Throws if not
 * even the first item was read.
 */
export const listPage = async (deps: ListPageDeps, ask: ListPageAsk): Promise<ListPage> => {
  const { senderId, filter, now, limit, examinedMax } = ask;
  const { lists } = deps;
  const index = indexFor(filter);
  const reading = { lists, index, senderId, order: orderOf(index) };
  const keeps = matches(filter, now);
  const messages: Message[] = [];
  let streams = streamsOf(deps, ask);
  let examined = 0;
  let last = ask.after;
  while (messages.length < limit && examined < examinedMax) {
    const room = limit - messages.length;
    // As many as are needed, and twice as many each time that few of them matched.
    const wanted = Math.min(batchMax, examinedMax - examined, Math.max(room, examined));
    // The longer a page has to search, the more entries one query reads.
    const ahead = examined + wanted;
    const { entries, rest } = await takeNext(reading, streams, { wanted, ahead });
    const items = await lists.read(entries.filter((entry) => lists.isOwn(senderId, entry)));
    const sifted = sift(entries, items, { room, keeps });
    messages.push(...sifted.kept);
    examined += sifted.examined;
    last = sifted.last ?? last;
    if (sifted.examined < entries.length) break;
    if (isOver(rest)) return { messages, next: null };
    streams = rest;
  }
  if (examined === 0) throw new Error("DynamoDB has read none of the items of a page");
  return { messages, next: last ?? null };
};
