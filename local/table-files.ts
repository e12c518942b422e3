import { resolve } from "node:path";
import { letIteratorsClose } from "./close-iterators.ts";
import { type LevelDb, levelClass } from "./level-db.ts";

/** The name of the table. */
export const table = "postrider";

/** Those that messages enter and leave; an entry of the other one is written once, with its item. */
const sparseIndexes = ["due", "failed"] as const;

const inUse = (dataDir: string): string =>
  `The data directory ${dataDir} is in use by another Postrider. Stop that one, or set POSTRIDER_DATA_DIR to another directory.`;

/**
 * dynalite answers no request, and then ends the process, if it cannot open its files; so they
 * are opened once before it does, and the sparse indexes are emptied. Of two processes that start
 * in the same instant both may come past here; the lock still lets only one of them open the files.
 */
export const prepareFiles = async (path: string): Promise<void> => {
  const files = new (levelClass())(path);
  try {
    await files.open();
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const dataDir = resolve(path, "..");
    throw cause?.code === "LEVEL_LOCKED"
      ? new Error(inUse(dataDir), { cause: error })
      : new Error(`The table in ${dataDir} cannot be opened: ${cause?.message}`, { cause: error });
  }
  await letIteratorsClose(files);
  await emptySparseIndexes(files);
  await files.close();
};

/**
 * Earlier versions wrote an item and its index entries one after the other: a process that was killed in
 * between left entries for nothing, and messages that have none and would be found by nobody.
 * The keys are dynalite's: `index-global~<table>~<index>~…`.
 */
export const emptySparseIndexes = async (files: Pick<LevelDb, "clear">): Promise<void> => {
  for (const index of sparseIndexes) {
    const prefix = `index-global~${table}~${index}~`;
    await files.clear({ gte: prefix, lt: `${prefix}\uffff` });
  }
};
