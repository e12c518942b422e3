import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

/** Those that `git` would give somebody, without what it leaves out. */
const filesOfCheckout = async (): Promise<readonly string[]> => {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const { stdout } = await promisify(execFile)("git", args, { cwd: root, maxBuffer: 2 ** 24 });
  return stdout.split("\n").filter((file) => file !== "");
};

/** What runs, where this is no checkout but an archive of one. */
const filesOfArchive = async (): Promise<readonly string[]> => {
  const folders = ["adapters", "domain", "entities", "handlers", "local"];
  const options = { recursive: true, withFileTypes: true } as const;
  const found = await Promise.all(folders.map((folder) => readdir(join(root, folder), options)));
  const files = found.flat().filter((entry) => entry.isFile());
  return [
    "package.json",
    ...files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1)),
  ];
};

/**
 * Makes what a user has after `git clone` and `npm ci`, in `home`: every file of the checkout, and
 * the dependencies that are installed here. The local edition is in no package of npm's, so this is
 * the form in which anybody gets it.
 */
export const checkoutInto = async (home: string): Promise<void> => {
  const files = await filesOfCheckout().catch(filesOfArchive);
  for (const file of files) {
    await mkdir(join(home, dirname(file)), { recursive: true });
    await copyFile(join(root, file), join(home, file)).catch((error: NodeJS.ErrnoException) => {
      // Listed, and deleted since.
      if (error.code !== "ENOENT") throw error;
    });
  }
  await symlink(join(root, "node_modules"), join(home, "node_modules"));
};
