/** What `cdk` runs, in a copy of the sources: a clone in which nothing has been built. */

import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { compileCache } from "../support/compile-cache.ts";

const root = join(import.meta.dirname, "../..");
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "postrider-clone-"));
  for (const name of [
    "stacks",
    "stages",
    "entities",
    "domain",
    "adapters",
    "handlers",
    "package.json",
  ])
    cpSync(join(root, name), join(clone, name), {
      recursive: true,
      filter: (file) => !file.includes("stages") || !/\/\w+\.json$/.test(file),
    });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** Runs the app with a context, as the CDK command hands it over. */
const runApp = (context: Readonly<Record<string, string>> | string = {}) => {
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stderr: string }>();
  const env = {
    PATH: process.env["PATH"],
    ...compileCache,
    CDK_OUTDIR: join(clone, "cdk.out"),
    CDK_CONTEXT_JSON: typeof context === "string" ? context : JSON.stringify(context),
    // template.test.ts validates the templates.
    CDK_VALIDATION: "false",
  };
  execFile(process.execPath, [join(clone, "stacks/app.ts")], { env }, (error, _, stderr) =>
    resolve({ code: error?.code ?? 0, stderr }),
  );
  return promise;
};

const makeBundle = (name: string): void => {
  mkdirSync(join(clone, "dist/functions", name), { recursive: true });
  writeFileSync(join(clone, "dist/functions", name, "index.mjs"), "export {};\n");
};
const stackNames = (): readonly string[] =>
  readdirSync(join(clone, "cdk.out"))
    .filter((file) => file.endsWith(".template.json"))
    .map((file) => file.replace(".template.json", ""));

describe("The app makes no stack, and says why,", () => {
  test("where there is no stage", async () => {
    expect(await runApp()).toEqual({
      code: 1,
      stderr: `There is no stage in ${join(clone, "stages")}. Copy stages/dev.example.json to dev.json there.\n`,
    });
  });

  test("where stages have faults, with all of them", async () => {
    mkdirSync(join(clone, "faulty"));
    writeFileSync(join(clone, "faulty/dev.json"), '{"account":"1","region":"us-east-1"}');
    writeFileSync(join(clone, "faulty/prod.json"), '{"account":"123456789012"}');

    expect(await runApp({ stages: "faulty" })).toEqual({
      code: 1,
      stderr: [
        `The stages in ${join(clone, "faulty")} have faults:`,
        "dev: account must be the 12 digits of an AWS account",
        "prod: region is required\n",
      ].join("\n"),
    });
  });

  test("where a bundle is missing", async () => {
    for (const name of ["api", "worker", "dispatcher"]) makeBundle(name);
    mkdirSync(join(clone, "sound"));
    writeFileSync(join(clone, "sound/dev.json"), "{}");

    const context = { stages: "sound", account: "123456789012", region: "eu-west-1" };
    expect(await runApp(context)).toEqual({
      code: 1,
      stderr: "The bundles are missing: run `npm run bundle` first.\n",
    });
  });
});

test("With the stage that the page on deploying copies, the app makes its stack", async () => {
  const page = readFileSync(join(root, "docs/guides/deploy.md"), "utf8");
  const [, from = "", to = ""] = /^cp (stages\/\S+) (stages\/\S+)$/m.exec(page) ?? [];
  cpSync(join(clone, from), join(clone, to));
  for (const name of ["api", "worker", "dispatcher", "dead-letter", "senders"]) makeBundle(name);

  expect(await runApp()).toEqual({ code: 0, stderr: "" });
  expect(stackNames()).toEqual(["postrider-dev"]);
});

test.each([
  ["the name of a folder", { stages: "none\u009b2J" }],
  ["a context that is no JSON", "\u009b2J"],
])("%s moves no cursor", async (_, context) => {
  const { code, stderr } = await runApp(context);

  expect(code).toBe(1);
  expect(stderr).toContain("\\u009b2J");
  expect(stderr).not.toContain("\u009b");
});
