import { readFile, rename, writeFile } from "node:fs/promises";

/**
 * Writes a file that only its owner can read. Readers see the whole new text or the whole old one. The
 * text is on disk when this resolves, since what is stored next may depend on it.
 */
export const writePrivately = async (file: string, text: string): Promise<void> => {
  await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
};

/** Returns the trimmed text of a file, or `undefined` if there is none. Other errors name the file. */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read (${code}).`, { cause: error });
  }
};
