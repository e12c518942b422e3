import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { StoredOutcomes } from "../domain/outcome-buckets.ts";
import type { Histogram, OutcomeCounts } from "../domain/outcome-counts.ts";
import { loadEntities } from "./load-entities.ts";
import { type Counter, countersOf } from "./outcome-counters.ts";
import { outcomesUpdate } from "./outcomes-update.ts";
import { goOptions, type Storage } from "./storage.ts";

/** The item of some counts: of one sender, shard and bucket. */
export type OutcomesKey = {
  readonly senderId: string;
  readonly shard: number;
  readonly from: number;
};

/** Counts of how attempts ended. */
export type OutcomeStore = {
  /** Adds to the counts of a bucket. A call whose answer was lost may be counted twice. */
  readonly add: (key: OutcomesKey, counts: OutcomeCounts, ttl: number) => Promise<void>;
  /** Returns the counts of the buckets that begin in a range, of which `to` is not part. */
  readonly between: (
    of: Pick<OutcomesKey, "senderId" | "shard">,
    range: { readonly from: number; readonly to: number },
  ) => Promise<readonly StoredOutcomes[]>;
};

/** Returns the amount to add to each counter. Zeros are left out. */
const additionsOf = ({ accept, delivery, exchange, ...ends }: OutcomeCounts) => {
  const named = (names: readonly Counter[], histogram: Histogram) =>
    names.map((name, place) => [name, histogram[place] ?? 0] as const);
  const all = [
    ...Object.entries(ends),
    ...named(countersOf.accept, accept),
    ...named(countersOf.delivery, delivery),
    ...named(countersOf.exchange, exchange),
  ];
  return Object.fromEntries(all.filter(([, count]) => count > 0));
};

type Stored = { readonly [Name in Counter]?: number | undefined } & {
  readonly [Name in "completed" | "failed" | "retried"]?: number | undefined;
} & { readonly from: number };

const countsOf = (stored: Stored): StoredOutcomes => {
  const { from, completed = 0, failed = 0, retried = 0 } = stored;
  const histogram = (names: readonly Counter[]): Histogram =>
    names.map((name) => stored[name] ?? 0);
  const durations = {
    accept: [...histogram(countersOf.accept), 0],
    ...{ delivery: histogram(countersOf.delivery), exchange: histogram(countersOf.exchange) },
  };
  return { from, completed, failed, retried, ...durations };
};

export const outcomeStore = (storage: Storage): OutcomeStore => {
  const entity = async () => (await loadEntities()).outcomesEntity(storage);
  return {
    add: async (at, counts, ttl) => {
      const update = outcomesUpdate(storage.table, at, additionsOf(counts), ttl);
      await storage.client.send(new UpdateItemCommand(update));
    },
    between: async ({ senderId, shard }, { from, to }) => {
      // Not consistent, for half the price: the counts are about right at best.
      const { data } = await (await entity()).query
        .primary({ senderId, shard })
        .between({ from }, { from: to - 1 })
        .go({ ...goOptions, pages: "all" });
      return data.map(countsOf);
    },
  };
};
