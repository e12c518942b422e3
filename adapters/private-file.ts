import { open, readFile, rename } from "node:fs/promises";

const ownerOnly = 0o600;

/**
 * Writes a file that only its owner can read. Readers see the whole new text or the whole old one.
 * The text is on disk when this resolves, since what is stored next may depend on it.
 */
export const writePrivately = async (file: string, text: string): Promise<void> => {
  const next = await open(`${file}.new`, "w", ownerOnly);
  try {
    // The mode above is that of a new file: one that is there keeps its own.
    await next.chmod(ownerOnly);
    await next.writeFile(text);
    await next.sync();
  } finally {
    await next.close();
  }
  await rename(`${file}.new`, file);
};

/**
 * Returns the trimmed text of a file, or `undefined` if there is none. Other errors name the file.
 */
export const readIfThere = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read (${code}).`, { cause: error });
  }
};
