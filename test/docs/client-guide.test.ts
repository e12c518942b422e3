/** Readers paste what a guide shows. So each snippet of these compiles, by itself. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { compiled } from "../support/compiler.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "postrider-client-guide-"));
// For what the snippets import besides ours.
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
afterAll(() => rmSync(folder, { recursive: true }));

const snippetsOf = (guide: string): readonly string[] => {
  const page = readFileSync(join(root, "docs/guides", guide), "utf8");
  return [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
};
const snippets = snippetsOf("client.md");

/** What the compiler says about these modules: one fault a line. */
const faultsOf = async (
  modules: readonly string[],
  options: object = {},
): Promise<readonly string[]> => {
  const files = modules.map((code, index) => {
    writeFileSync(join(folder, `snippet-${index + 1}.ts`), `${code}\nexport {};\n`);
    return `snippet-${index + 1}.ts`;
  });
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: "es2024", lib: ["es2024"], module: "nodenext" },
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    ...{ skipLibCheck: true, allowImportingTsExtensions: true, noUnusedLocals: false },
    ...{ types: ["node"], typeRoots: [join(root, "node_modules/@types")] },
    paths: {
      ...{ "postrider/cdk": [join(root, "stacks/index.ts")] },
      ...{ "postrider/client": [join(root, "client/index.ts")] },
      ...{ "postrider/entities": [join(root, "entities/index.ts")] },
      ...{ "postrider/outbox": [join(root, "outbox/index.ts")] },
      ...{ "postrider/testing": [join(root, "testing/index.ts")] },
      ...{ "postrider/worker": [join(root, "worker/index.ts")] },
    },
    ...options,
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  const said = await compiled(folder);
  return said.split("\n").filter((line) => line.includes("error TS"));
};

const asStrictAsOurs = {
  exactOptionalPropertyTypes: false,
  resolveJsonModule: true,
};

test("Every snippet of the guides compiles", async () => {
  const others = ["outbox.md", "worker.md", "test.md"].flatMap(snippetsOf);
  expect(snippets.length).toBeGreaterThanOrEqual(5);
  expect(others).toHaveLength(9);
  expect(await faultsOf(snippets)).toEqual([]);
  // What the reader has of it.
  writeFileSync(
    join(folder, "mail.ts"),
    `export declare const sendMail: (to: string, text: string, options: {
       idempotencyKey: string; timeoutMs: number;
     }) => Promise<"sent" | "busy" | "no-such-address">;`,
  );
  // Our sources are compiled with them, as strictly as they are.
  expect(await faultsOf(others, asStrictAsOurs)).toEqual([]);
});

test("A snippet that does not fit the client is noticed", async () => {
  const wrong = snippets.map((code) => code.replace("client.send(", "client.sent("));

  expect((await faultsOf(wrong)).join()).toContain("'sent' does not exist");
});
