/** What starts the processes of the tests: none of them waits forever for what it is told at its start. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "postrider-runner-"));
afterAll(() => rmSync(folder, { recursive: true }));

const begun = join(folder, "begun");

/** The second process loads what runs tests only when a test of the first one has begun. */
const hooks = `
  import { existsSync } from "node:fs";
  export const load = async (url, context, next) => {
    while (url.endsWith("worker-runner.js") && !existsSync(${JSON.stringify(begun)}))
      await new Promise((resume) => setTimeout(resume, 5));
    return next(url, context);
  };`;
const slowSecond = `
  import { register } from "node:module";
  if (process.env.TINYPOOL_WORKER_ID === "2")
    register(${JSON.stringify(pathToFileURL(join(folder, "hooks.mjs")))});`;
const aTest = `
  import { writeFileSync } from "node:fs";
  test("begins", () => writeFileSync(${JSON.stringify(begun)}, ""));`;

test("a process that loads after the others have begun runs its tests too", async () => {
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "hooks.mjs"), hooks);
  writeFileSync(join(folder, "slow-second.mjs"), slowSecond);
  for (const name of ["a", "b"]) writeFileSync(join(folder, `${name}.test.mjs`), aTest);
  const config = {
    ...{ rootDir: folder, testMatch: ["<rootDir>/*.test.mjs"], transform: {}, maxWorkers: 2 },
    runner: join(root, "test/support/runner.ts"),
  };

  const { stderr } = await run(
    process.execPath,
    [join(root, "node_modules/jest/bin/jest.js"), "--config", JSON.stringify(config)],
    {
      env: {
        PATH: process.env["PATH"],
        NODE_OPTIONS: `--import ${pathToFileURL(join(folder, "slow-second.mjs"))}`,
      },
      timeout: 60_000,
    },
  );

  expect(stderr).toMatch(/Tests: +2 passed, 2 total/);
});
