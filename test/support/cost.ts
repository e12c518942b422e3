import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type {
  FinalizeRequestMiddleware,
  InitializeMiddleware,
  MetadataBearer,
} from "@smithy/types";
import { itemBytes } from "../../domain/item-size.ts";
import { tableDescription } from "../../entities/table.ts";
import type { RawItem, TestTable } from "./table.ts";

/** What one write costs in write units, on the item and on the indexes. */
export type Cost = { readonly item: number; readonly indexes: number };

const unitsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

const { key, indexes } = tableDescription;

/** The entry that an item has in an index of keys only, or none if it lacks one of the keys. */
const entryOf = (item: RawItem | undefined, { pk, sk }: { pk: string; sk: string }) => {
  if (item?.[pk] === undefined || item[sk] === undefined) return undefined;
  return Object.fromEntries([key.pk, key.sk, pk, sk].map((name) => [name, item[name]]));
};

/** An entry whose keys change is deleted and written anew (Amazon DynamoDB Developer Guide, GSIs). */
const entryUnits = (before: RawItem | undefined, after: RawItem | undefined): number => {
  if (JSON.stringify(before) === JSON.stringify(after)) return 0;
  return [before, after].reduce((sum, entry) => sum + (entry ? unitsOf(itemBytes(entry)) : 0), 0);
};

/** What it costs to turn one stored item into another: by the larger of the two, and each index. */
export const costOf = (before: RawItem | undefined, after: RawItem): Cost => ({
  item: unitsOf(Math.max(itemBytes(before ?? {}), itemBytes(after))),
  indexes: Object.values(indexes)
    .map((index) => entryUnits(entryOf(before, index), entryOf(after, index)))
    .reduce((sum, units) => sum + units, 0),
});

type Asked = { ReturnConsumedCapacity?: string };
type Answered = { ConsumedCapacity?: ConsumedCapacity | readonly ConsumedCapacity[] };
const reads = ["GetItemCommand", "QueryCommand", "BatchGetItemCommand"];
const writes = ["PutItemCommand", "UpdateItemCommand", "DeleteItemCommand"];

const nameOf = (item: RawItem): string => JSON.stringify([item[key.pk], item[key.sk]]);

/** What one write did to a table, of which this is all before and all after it. */
const costOfWrite = (before: readonly RawItem[], after: readonly RawItem[]): number => {
  const [old, now] = [before, after].map(
    (items) => new Map(items.map((item) => [nameOf(item), item])),
  );
  const names = new Set([...before, ...after].map(nameOf));
  const costs = [...names].map((name) => {
    const [from, to] = [old?.get(name), now?.get(name)];
    if (JSON.stringify(from) === JSON.stringify(to)) return 0;
    const { item, indexes: ofIndexes } = costOf(from, to ?? {});
    return item + ofIndexes;
  });
  // A write that is refused, or changes nothing, is paid for too.
  return Math.max(
    1,
    costs.reduce((sum, cost) => sum + cost, 0),
  );
};

/**
 * Counts the units of what the client of a table does from now on: of reads by the engine, of writes
 * by what they change, one after the other.
 */
export const openUnitCount = ({ storage, scan }: TestTable) => {
  const counted = { reads: 0, writes: 0 };
  const { middlewareStack } = storage.client as DynamoDBClient;
  const countRead: InitializeMiddleware<Asked, Answered & MetadataBearer> =
    (next, { commandName = "" }) =>
    async (args) => {
      if (!reads.includes(commandName)) return next(args);
      const result = await next({ input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
      // DynamoDB asks at least half a unit of a read, this engine none of one that finds nothing.
      for (const { CapacityUnits = 0 } of [result.output.ConsumedCapacity ?? []].flat())
        counted.reads += Math.max(CapacityUnits, 0.5);
      return result;
    };
  let last: Promise<unknown> = Promise.resolve();
  const countWrite: FinalizeRequestMiddleware<object, MetadataBearer> =
    (next, { commandName = "" }) =>
    (args) => {
      if (!writes.includes(commandName)) return next(args);
      const write = last.then(async () => {
        const before = await scan();
        const result = await next(args);
        counted.writes += costOfWrite(before, await scan());
        return result;
      });
      last = write.catch(() => {});
      return write;
    };
  middlewareStack.add(countRead as never, { step: "initialize", name: "countRead" });
  middlewareStack.add(countWrite as never, { step: "finalizeRequest", name: "countWrite" });
  return { counted: () => ({ ...counted }) };
};
