import type { IndexedTable } from "./engine-indexes.ts";
import type { LevelDb, Operation } from "./level-db.ts";

/** Those that messages enter and leave; an entry of the other one is written once, with its item. */
const sparseIndexes = ["due", "failed"] as const;
const batchMax = 1000;

/** What the engine writes into the indexes of a table for an item. */
type EntriesOf = (table: IndexedTable, item: object) => readonly Operation[];

/** The keys are dynalite's: `<kind>~<table>~…`. `~` is the last character of ASCII but one. */
const rangeOf = (prefix: string) => ({ gte: prefix, lt: `${prefix}\uffff` });

/** Returns the description of a table, as far as its sparse indexes go, if there is that table. */
const sparselyIndexed = async (
  files: LevelDb,
  table: string,
): Promise<IndexedTable | undefined> => {
  const text = (await files.get(`table~${table}`)) as string | undefined;
  if (text === undefined) return undefined;
  const description: IndexedTable = JSON.parse(text);
  const isSparse = ({ IndexName }: { readonly IndexName: string }): boolean =>
    sparseIndexes.some((name) => name === IndexName);
  return {
    ...description,
    GlobalSecondaryIndexes: (description.GlobalSecondaryIndexes ?? []).filter(isSparse),
  };
};

/**
 * Makes the sparse indexes of a table anew from its items, which are the truth. Earlier versions wrote
 * an item and its index entries one after the other: a process that was killed in between left
 * entries for nothing, and messages that have none and would be found by nobody.
 *
 * The files must be open to nobody else. Resolves to how many entries it wrote.
 */
export const rebuildIndexes = async (
  files: LevelDb,
  table: string,
  entriesOf: EntriesOf,
): Promise<number> => {
  for (const index of sparseIndexes) await files.clear(rangeOf(`index-global~${table}~${index}~`));
  const description = await sparselyIndexed(files, table);
  if (!description) return 0;
  let batch: Operation[] = [];
  let count = 0;
  const write = async (): Promise<void> => {
    await files.batch(batch);
    count += batch.length;
    batch = [];
  };
  for await (const text of files.values(rangeOf(`item-${table}~`))) {
    batch.push(...entriesOf(description, JSON.parse(text as string)));
    if (batch.length >= batchMax) await write();
  }
  await write();
  return count;
};
