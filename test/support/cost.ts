import { itemBytes } from "../../domain/item-size.ts";
import { tableDescription } from "../../entities/table.ts";
import type { RawItem } from "./table.ts";

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
