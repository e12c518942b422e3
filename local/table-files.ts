import { resolve } from "node:path";
import { letIteratorsClose } from "./close-iterators.ts";
import { indexEntriesOf } from "./engine.ts";
import { indexesAgree } from "./index-mark.ts";
import { levelClass } from "./level-db.ts";
import { rebuildIndexes } from "./rebuild-indexes.ts";

/** The name of the table. */
export const table = "postrider";

const inUse = (dataDir: string): string =>
  `The data directory ${dataDir} is in use by another Postrider. Stop that one, or set POSTRIDER_DATA_DIR to another directory.`;

/**
 * dynalite answers no request, and then ends the process, if it cannot open its files; so they are
 * opened once before it does, and the sparse indexes are made anew unless they are known to agree with
 * the items. Of two processes that start in the same instant both may come past here; the lock still
 * lets only one of them open the files.
 */
export const prepareFiles = async (path: string): Promise<void> => {
  const agree = await indexesAgree(path);
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
  if (!agree) await rebuildIndexes(files, table, indexEntriesOf);
  await files.close();
};
