import { chmod, mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes the data directory, with those above it that are not there, and closes it to everybody
 * else: what is stored is nobody else's business. Rejects with a reason that names the variable.
 */
export const prepareDataDir = async (dataDir: string): Promise<void> => {
  const path = resolve(dataDir);
  try {
    await make(path);
    await chmod(path, 0o700);
  } catch (error) {
    const reason = reasonOf(error as NodeJS.ErrnoException, path);
    const text = `POSTRIDER_DATA_DIR is ${path}, but ${reason}. Set it to a directory of your own.`;
    throw new Error(text, { cause: error });
  }
};

/** One level at a time: where there can be none (`/proc/x`), Node's recursive mkdir never ends. */
const make = async (path: string): Promise<void> => {
  if (await isDirectory(path)) return;
  if (dirname(path) !== path) await make(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else, such as a second start, may have been faster.
    if (!(await isDirectory(path))) throw error;
  }
};

const isDirectory = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
};

const reasonOf = ({ code, path = "it" }: NodeJS.ErrnoException, dataDir: string): string => {
  const what = path === dataDir ? "that" : path;
  if (code === "EEXIST") return `${what} is not a directory`;
  if (code === "EACCES" || code === "EPERM") return `${what} is not yours to use (${code})`;
  return `${what} cannot be made (${code})`;
};
