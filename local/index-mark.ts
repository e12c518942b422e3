import { join } from "node:path";
import { readIfThere, writePrivately } from "../adapters/private-file.ts";

/**
 * Returns the mark in the folder of the table which says that its indexes agree with its items:
 * this version writes an item and its entries by one batch, earlier ones did not. LevelDB makes a
 * new manifest each time it is opened, and the mark names one: so it holds for one opening only,
 * and whoever else opens the files, such as an earlier version, ends it without knowing of it.
 */
const markIn = (path: string): string => join(path, "indexes-agree");

/** Raise this when a version writes other index entries for the same items. */
const markVersion = 1;

const markOf = (manifest: string): string => `${markVersion} ${manifest}`;
const manifestIn = (path: string): Promise<string | undefined> =>
  readIfThere(join(path, "CURRENT"));

/**
 * Tells whether the indexes are known to agree with the items. Ask before the files are opened, which
 * also tells why they cannot be read.
 */
export const indexesAgree = async (path: string): Promise<boolean> => {
  try {
    const [mark, manifest] = await Promise.all([readIfThere(markIn(path)), manifestIn(path)]);
    return manifest !== undefined && mark === markOf(manifest);
  } catch {
    return false;
  }
};

/**
 * Marks files that are open, and whose indexes agree with their items, before the first write to
 * them: after a kill in between, the next start fills the indexes again.
 */
export const markIndexes = async (path: string): Promise<void> => {
  const manifest = await manifestIn(path);
  if (manifest !== undefined) await writePrivately(markIn(path), `${markOf(manifest)}\n`);
};
