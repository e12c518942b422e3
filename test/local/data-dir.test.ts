import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { prepareDataDir } from "../../local/data-dir.ts";
import { temporaryDataDir } from "./temporary.ts";

let root: string;
let remove: () => void;
beforeEach(() => {
  const temporary = temporaryDataDir();
  root = realpathSync(temporary.dataDir);
  remove = temporary.remove;
});
afterEach(() => remove());

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("a data directory is made with those above it, for its owner only", async () => {
  const path = join(root, "a/b/c");

  await prepareDataDir(path);

  expect([modeOf(path), modeOf(join(root, "a"))]).toEqual([0o700, 0o700]);
});

test("a data directory that is there is closed to everybody else", async () => {
  const path = join(root, "open");
  mkdirSync(path);

  await prepareDataDir(path);
  await prepareDataDir(`${path}/`);

  expect(modeOf(path)).toBe(0o700);
});

test("a link to a directory will do", async () => {
  const path = join(root, "link");
  symlinkSync(root, path);

  await prepareDataDir(join(path, "data"));

  expect(modeOf(join(root, "data"))).toBe(0o700);
});

test("two that make it at once both have it", async () => {
  const path = join(root, "a/b/c/d/e/f");

  await Promise.all(Array.from({ length: 10 }, () => prepareDataDir(path)));

  expect(modeOf(path)).toBe(0o700);
});

/** What is said of a directory that cannot be made. */
const saidOf = async (path: string): Promise<string> =>
  prepareDataDir(path).then(
    () => "nothing",
    (error: Error) => error.message,
  );

test("what is no directory is a reason that names the variable and the path", async () => {
  const file = join(root, "file");
  writeFileSync(file, "kept");
  const dangling = join(root, "dangling");
  symlinkSync(join(root, "nothing"), dangling);
  const advice = "Set it to a directory of your own.";

  expect(await saidOf(file)).toBe(
    `POSTRIDER_DATA_DIR is ${file}, but that is not a directory. ${advice}`,
  );
  expect(await saidOf(join(file, "a/b"))).toBe(
    `POSTRIDER_DATA_DIR is ${file}/a/b, but ${file} is not a directory. ${advice}`,
  );
  expect(await saidOf(dangling)).toBe(
    `POSTRIDER_DATA_DIR is ${dangling}, but that is not a directory. ${advice}`,
  );
});

test("a name that no directory can have is a reason too", async () => {
  const path = join(root, "x".repeat(300));

  expect(await saidOf(path)).toMatch(
    /^POSTRIDER_DATA_DIR is .*, but that cannot be made \(ENAMETOOLONG\)\. [^\n]*$/,
  );
});

test("where nothing can be made, the answer comes at once", async () => {
  // Linux says that there is no such place, macOS that it is read-only.
  expect(await saidOf("/proc/postrider")).toMatch(
    /^POSTRIDER_DATA_DIR is \/proc\/postrider, but (that|\/proc) cannot be made \(E\w+\)\. [^\n]*$/,
  );
});

/** Does something as a user who may not do everything, whoever runs the test. */
const unprivileged = async <Result>(act: () => Promise<Result>): Promise<Result> => {
  if (process.geteuid?.() !== 0) return act();
  process.seteuid?.(65_534);
  try {
    return await act();
  } finally {
    process.seteuid?.(0);
  }
};

test("a directory for which the permission is missing is a reason that says so", async () => {
  const closed = join(root, "closed");
  mkdirSync(closed, { mode: 0o000 });

  const said = await unprivileged(() => saidOf(join(closed, "data")));

  expect(said).toMatch(
    /^POSTRIDER_DATA_DIR is .*\/closed\/data, but .* is not yours to use \(EACCES\)\. [^\n]*$/,
  );
});
