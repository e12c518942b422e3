/** What `cdk` runs, in a copy of the sources: a clone in which nothing has been built. */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { compileCache } from "../support/compile-cache.ts";

const root = join(import.meta.dirname, "../..");
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "postrider-clone-"));
  for (const name of ["stacks", "entities", "domain", "adapters", "handlers", "package.json"])
    cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

const runApp = () => {
  const { status, stderr } = spawnSync(process.execPath, [join(clone, "stacks/app.ts")], {
    env: { PATH: process.env["PATH"], ...compileCache, CDK_OUTDIR: join(clone, "cdk.out") },
    encoding: "utf8",
  });
  return { status, stderr };
};

const makeBundle = (name: string): void => {
  mkdirSync(join(clone, "dist", name), { recursive: true });
  writeFileSync(join(clone, "dist", name, "index.mjs"), "export {};\n");
};

const missing = { status: 1, stderr: "The bundles are missing: run `npm run bundle` first.\n" };

test("Without the bundles, or with some of them, it says what to do, and no more", () => {
  expect(runApp()).toEqual(missing);

  for (const name of ["api", "worker", "dispatcher"]) makeBundle(name);
  expect(runApp()).toEqual(missing);
});

test("With all of them it makes the stacks", () => {
  for (const name of ["api", "worker", "dispatcher", "dead-letter"]) makeBundle(name);

  expect(runApp()).toEqual({ status: 0, stderr: "" });
});
