/** The tests that the guide on testing shows are run, by the runner that they name. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "@jest/globals";
import { compileCache } from "../support/compile-cache.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "postrider-test-guide-"));
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(root, "docs/guides/test.md"), "utf8");
const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
/** The sources in place of the package. */
const ofSources = (code: string): string =>
  code.replaceAll(/"postrider\/(\w+)"/g, (_, door: string) =>
    JSON.stringify(pathToFileURL(join(root, door, "index.ts")).href),
  );

/** Runs the snippets as test files of one process. Returns what its report counts. */
const counted = async (codes: readonly string[]) => {
  const files = codes.map((code, index) => {
    writeFileSync(join(folder, `snippet-${index + 1}.test.ts`), ofSources(code));
    return `snippet-${index + 1}.test.ts`;
  });
  const args = ["--test", "--test-isolation=none", "--test-reporter=tap", ...files];
  const env = { PATH: process.env["PATH"], ...compileCache };
  const { stdout } = await run(join(root, "node_modules/.bin/node"), args, {
    cwd: folder,
    env,
  }).catch((failed: { stdout: string }) => failed);
  const count = (kind: string) => Number(new RegExp(`^# ${kind} (\\d+)$`, "m").exec(stdout)?.[1]);
  return { pass: count("pass"), fail: count("fail"), stdout };
};

test("Every test of the guide passes", async () => {
  const { stdout, ...counts } = await counted(snippets);

  expect(snippets).toHaveLength(4);
  expect({ ...counts, stdout: counts.fail === 0 ? "" : stdout }).toEqual({
    ...{ pass: 4, fail: 0, stdout: "" },
  });
});

test("A test of the guide that is wrong is noticed", async () => {
  const wrong = snippets.map((code) => code.replace('"COMPLETED"', '"FAILED"'));

  expect(await counted(wrong)).toMatchObject({ pass: 1, fail: 3 });
});
