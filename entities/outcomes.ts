import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { StoredOutcomes } from "../domain/outcome-buckets.ts";
import {
  acceptBoundsMs,
  boundsMs,
  type Histogram,
  type OutcomeCounts,
} from "../domain/outcome-counts.ts";
import { fromChars, outcomesUpdate } from "./outcomes-update.ts";
import {
  casing,
  type Described,
  goOptions,
  oncePerStorage,
  type Storage,
  service,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;

/** A class of durations, by its place among its bounds: short names, to stay within one write unit. */
type Class = Extract<keyof typeof boundsMs, `${number}`> | "rest";
type Counter = `${"d" | "x"}${Class}` | `a${Extract<keyof typeof acceptBoundsMs, `${number}`>}`;
const classes = [...Object.keys(boundsMs), "rest"] as readonly Class[];

/** The counters of each histogram, in the order of its classes. No submit is of the rest. */
const countersOf = {
  accept: Object.keys(acceptBoundsMs).map((place) => `a${place}`) as readonly Counter[],
  delivery: classes.map((name) => `d${name}` as const),
  exchange: classes.map((name) => `x${name}` as const),
} satisfies Record<string, readonly Counter[]>;
const counters = Object.fromEntries(
  Object.values(countersOf)
    .flat()
    .map((name) => [name, { type: "number" }]),
) as unknown as Readonly<Record<Counter, { readonly type: "number" }>>;

const outcomesEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "outcomes", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          shard: { type: "number", required: true },
          // Part of a sort key, which is text: padded to sort as a number.
          from: { type: "number", required: true, padding: { length: fromChars, char: "0" } },
          completed: { type: "number" },
          failed: { type: "number" },
          retried: { type: "number" },
          ...counters,
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId", "shard"], casing },
            sk: { field: key.sk, composite: ["from"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

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
  const entity = outcomesEntity(storage);
  return {
    add: async (at, counts, ttl) => {
      const update = outcomesUpdate(storage.table, at, additionsOf(counts), ttl);
      await storage.client.send(new UpdateItemCommand(update));
    },
    between: async ({ senderId, shard }, { from, to }) => {
      // Not consistent, for half the price: the counts are about right at best.
      const { data } = await entity.query
        .primary({ senderId, shard })
        .between({ from }, { from: to - 1 })
        .go({ ...goOptions, pages: "all" });
      return data.map(countsOf);
    },
  };
};
