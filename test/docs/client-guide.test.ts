/** Readers paste what a guide shows. So each snippet of the client's compiles, by itself. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, test } from "@jest/globals";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "postrider-client-guide-"));
afterAll(() => rmSync(folder, { recursive: true }));

const page = readFileSync(join(root, "docs/guides/client.md"), "utf8");
const snippets = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);

/** What the compiler says about these modules: one fault a line. */
const faultsOf = async (modules: readonly string[]): Promise<readonly string[]> => {
  const files = modules.map((code, index) => {
    writeFileSync(join(folder, `snippet-${index + 1}.ts`), `${code}\nexport {};\n`);
    return `snippet-${index + 1}.ts`;
  });
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2024", lib: ["es2024"], module: "nodenext" },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ skipLibCheck: true, allowImportingTsExtensions: true, noUnusedLocals: false },
    ...{ types: ["node"], typeRoots: [join(root, "node_modules/@types")] },
    paths: { "postrider/client": [join(root, "client/index.ts")] },
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout } = await run(tsc, ["-p", folder]).catch((failed: { stdout: string }) => failed);
  return stdout.split("\n").filter((line) => line.includes("error TS"));
};

test("Every snippet of the guide compiles", async () => {
  expect(snippets.length).toBeGreaterThanOrEqual(5);
  expect(await faultsOf(snippets)).toEqual([]);
});

test("A snippet that does not fit the client is noticed", async () => {
  const wrong = snippets.map((code) => code.replace("client.send(", "client.sent("));

  expect((await faultsOf(wrong)).join()).toContain("'sent' does not exist");
});
