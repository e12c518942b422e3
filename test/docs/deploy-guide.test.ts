/** Readers paste what the guide on deploying shows: each snippet compiles, and is synthesized. */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
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
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { bundleNames } from "../../stacks/bundle-names.ts";
import { compileCache } from "../support/compile-cache.ts";
import { compiled } from "../support/compiler.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/guides/deploy.md"), "utf8");
const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);

/** A copy of the sources, with next to no code in the functions: nothing must have been bundled. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "postrider-deploy-guide-"));
  for (const name of ["stacks", "entities", "domain", "adapters", "handlers", "package.json"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const name of bundleNames) {
    mkdirSync(join(folder, "dist/functions", name), { recursive: true });
    writeFileSync(join(folder, "dist/functions", name, "index.mjs"), "export {};\n");
  }
  for (const [at, code] of snippets.entries())
    writeFileSync(
      join(folder, `snippet-${at + 1}.ts`),
      `${code.replaceAll('"postrider/cdk"', '"./stacks/index.ts"')}\nexport {};\n`,
    );
});
afterAll(() => rmSync(folder, { recursive: true }));

const outOf = (file: string): string => join(folder, `${file}.out`);

/** The names of the stacks that a file makes. */
const stacksOf = (file: string): readonly string[] =>
  existsSync(outOf(file))
    ? readdirSync(outOf(file))
        .filter((name) => name.endsWith(".template.json"))
        .map((name) => name.replace(".template.json", ""))
    : [];

/** Runs files as apps, each with a folder of its own, in one process: to load CDK takes longest. */
const synthesize = async (files: readonly string[]): Promise<void> => {
  const runs = files.map(
    (file) =>
      `process.env.CDK_OUTDIR = ${JSON.stringify(outOf(file))};\nawait import("./${file}");\n`,
  );
  writeFileSync(join(folder, "apps.ts"), `${runs.join("")}export {};\n`);
  const env = { PATH: process.env["PATH"], CDK_VALIDATION: "false", ...compileCache };
  await run(process.execPath, [join(folder, "apps.ts")], { env });
};

test("Every snippet compiles", async () => {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2024", lib: ["es2024"], module: "nodenext" },
    ...{ skipLibCheck: true, allowImportingTsExtensions: true, types: ["node"] },
    typeRoots: [join(root, "node_modules/@types")],
  };
  const files = snippets.map((_, at) => `snippet-${at + 1}.ts`);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));

  const said = await compiled(folder);

  expect(snippets).toHaveLength(4);
  expect(said).toBe("");
});

describe("Of the guide,", () => {
  beforeAll(async () => {
    writeFileSync(
      join(folder, "orders.ts"),
      `import { App, Stack } from "aws-cdk-lib";
       import { OrderStack } from "./snippet-2.ts";
       import { Postrider } from "./stacks/index.ts";
       const app = new App();
       new OrderStack(app, "Orders", new Postrider(new Stack(app, "Mail"), "Mail"));`,
    );
    await synthesize(["snippet-1.ts", "orders.ts", "snippet-3.ts", "snippet-4.ts"]);
  });

  test("the app has a stack for each environment", () => {
    expect(stacksOf("snippet-1.ts")).toEqual(["MailDev", "MailProd"]);
  });

  test("the service that sends goes beside them", () => {
    expect(stacksOf("orders.ts")).toEqual(["Mail", "Orders"]);
  });

  test("the canary is a prop, and the role of the pipeline a stack", () => {
    expect(stacksOf("snippet-3.ts")).toEqual([]);
    expect(stacksOf("snippet-4.ts")).toEqual(["Pipeline"]);
  });
});

describe("The pipeline of the guide", () => {
  const [, pipeline = ""] = /^```yaml\n(.*?)^```/ms.exec(page) ?? [];

  test("takes the role that the guide makes, in the environment that it trusts", () => {
    const roleName = /roleName: "([\w-]+)"/.exec(snippets[3] ?? "")?.[1];

    expect(roleName).toBeDefined();
    expect(pipeline).toContain(`role/${roleName}\n`);
    expect(snippets[3]).toContain(":environment:prod");
    expect(pipeline).toContain("environment: [dev, prod]");
    expect(pipeline).toContain("id-token: write");
  });

  test("uses the variables and the secret that the page names, and no others", () => {
    const used = [...pipeline.matchAll(/\$\{\{ (?:vars|secrets)\.(\w+) \}\}/g)].map(
      ([, name]) => name,
    );
    const [paragraph = ""] = /^An environment of GitHub .*?\n\n/ms.exec(page) ?? [];
    const named = [...paragraph.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);

    expect([...new Set(used)].toSorted()).toEqual(named.toSorted());
  });
});
