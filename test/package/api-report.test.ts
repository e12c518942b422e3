/** What the report of the API shows, and what it refuses. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { apiReport } from "../../package/api-report.ts";

const folder = mkdtempSync(join(tmpdir(), "postrider-api-"));
afterAll(() => rmSync(folder, { recursive: true }));

const reportOf = (files: Readonly<Record<string, string>>): string => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return apiReport([{ name: "postrider/a", types: join(folder, "a/index.d.ts"), code: "" }]);
};
const [before, behind] = ["\n## postrider/a\n", "\n## What these are made of\n"];
const partsOf = (report: string) => ({
  exported: report.slice(report.indexOf(before), report.indexOf(behind)),
  others: report.slice(report.indexOf(behind)),
});

test("Each exported name is shown with its declaration, without comments", () => {
  const { exported } = partsOf(
    reportOf({
      "a/index.d.ts": `
/** Says hello. */
export declare const hello: (name: string) => string;
export { type Two, one as first } from "./b.ts";
declare const hidden = 1;
export {};
`,
      "a/b.d.ts":
        'export declare const one = 1;\nexport type Two = "const a"\n | {\n    // no\n    a: 2;\n};',
    }),
  );

  expect(exported).toContain("const hello: (name: string) => string;");
  expect(exported).toContain("const one = 1;");
  expect(exported).toContain('type Two = "const a"\n | {\n    a: 2;\n};');
  expect(exported).not.toMatch(/Says hello|hidden|\/\/ no/);
});

test("What the exported ones are made of is shown, however far away, and nothing else", () => {
  const { exported, others } = partsOf(
    reportOf({
      "a/index.d.ts":
        'import type { Far } from "../c/far.ts";\nexport type A = Far & Own;\ntype Own = 1;\nexport declare const b: import("../c/inline.ts").Inline;',
      "c/far.d.ts":
        'import type { Farther as F } from "./farther.ts";\nexport type Far = F[];\nexport type Unused = 1;',
      "c/farther.d.ts": "export interface Farther {\n    a: 1;\n}",
      "c/inline.d.ts": "export type Inline = 2;",
    }),
  );

  expect(exported).toContain("const b: Inline;");
  for (const text of ["type Own = 1;", "type Far = F[];", "interface Farther", "type Inline = 2;"])
    expect(others).toContain(text);
  expect(others).not.toContain("Unused");
});

test("A door that does not say what it exports is refused", () => {
  const files = { "a/index.d.ts": 'export * from "./b.ts";', "a/b.d.ts": "export {};" };

  expect(() => reportOf(files)).toThrow("postrider/a exports without saying what");
});

test("A declaration that is not understood is no reason to leave it out", () => {
  expect(() => reportOf({ "a/index.d.ts": "export default 1;" })).toThrow("is not understood");
  const missing = { "a/index.d.ts": 'export { none } from "./b.ts";', "a/b.d.ts": "export {};" };
  expect(() => reportOf(missing)).toThrow("the declaration of none is not found");
});
