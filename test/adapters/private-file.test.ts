import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readIfThere, writePrivately } from "../../adapters/private-file.ts";
import { newDataDir } from "../support/edition.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await newDataDir();
  file = join(folder, "secret");
});
afterEach(() => rm(folder, { recursive: true }));

const openToAll = async (path: string): Promise<void> => {
  await writeFile(path, "a longer text than the new one");
  await chmod(path, 0o666);
};

test.each<[string, () => Promise<void>]>([
  ["nothing is there", async () => {}],
  ["a file that all may read is there", () => openToAll(file)],
  ["a write that was cut off left one that all may read", () => openToAll(`${file}.new`)],
])("only the owner can read what is written where %s", async (_, prepare) => {
  await prepare();

  await writePrivately(file, "secret\n");

  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, "utf8")).toBe("secret\n");
  expect(await readdir(folder)).toEqual(["secret"]);
});

test("a file that is not there has no text, and one that cannot be read is an error that names it", async () => {
  await mkdir(file);

  expect(await readIfThere(`${file}-not-there`)).toBeUndefined();
  await expect(readIfThere(file)).rejects.toThrow(`${file} cannot be read (EISDIR).`);
});
