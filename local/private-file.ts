import { readFile, rename, writeFile } from "node:fs/promises";

/**
 * Writes a file that only its owner can read; whoever looks sees all of it, or the one before. It
 * is on the disk when this resolves, for what relies on it may be there too by then.
 */
export const writePrivately = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
};

/** The text of a file without white space around it; nothing if there is none. Rejects with its name. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read (${code}).`, { cause: error });
  }
};
