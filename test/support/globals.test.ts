import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import product from "../../jest.config.ts";

/** What a test file may hold, whether its run passes then, and what is said of it. */
const files = {
  "a test that holds": [`test("one", () => { expect(1).toBe(1); });`, "passed", ""],
  "a test that does not hold": [`test("one", () => { expect(1).toBe(2); });`, "failed", "toBe"],
  "a test that hangs": [`test("one", () => forever, 50);`, "failed", "Not over after 50 ms"],
  "a row that hangs": [`test.each([7])("row %i", () => forever, 50);`, "failed", "row 7"],
  "a hook that hangs": [`beforeAll(() => forever, 50); test("one", ok);`, "failed", "(beforeAll)"],
  "a hook that fails": [
    `afterEach(() => { throw new Error("broken"); }); test("one", ok);`,
    ...(["failed", "broken"] as const),
  ],
  "a rejection that nobody waits for": [
    `test("one", async () => {
      void Promise.reject(new Error("unseen"));
      await new Promise((resolve) => setImmediate(resolve));
    });`,
    ...(["failed", "unseen"] as const),
  ],
  "a connection to somewhere else": [
    `test("one", () => fetch("http://192.0.2.1/"));`,
    ...(["failed", "about to connect to 192.0.2.1"] as const),
  ],
  "a value thrown that is no error": [
    `test("one", () => { throw "just text"; });`,
    ...(["failed", "just text"] as const),
  ],
  "a file without a test": ["", "failed", "at least one test"],
} as const;

const prefix = `import { afterEach, beforeAll, expect, test } from "@jest/globals";
const forever = new Promise<void>(() => {});
const ok = () => {};
`;
const folder = mkdtempSync(join(tmpdir(), "postrider-runner-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Report = {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
  }[];
};

/** Runs each of the files as this project's tests are run. */
const report = ((): Report => {
  for (const [index, [content]] of Object.values(files).entries())
    writeFileSync(join(folder, `${index}.test.ts`), `${prefix}${content}\n`);
  const root = join(import.meta.dirname, "../..");
  const bin = join(root, "node_modules/.bin");
  const config = {
    ...{ rootDir: folder, transform: {}, testMatch: ["<rootDir>/*.test.ts"] },
    runner: product.runner?.toString().replace("<rootDir>", root),
    setupFiles: product.setupFiles?.map((file) => file.replace("<rootDir>", root)),
  };
  // Two workers: with one, jest runs a file in its own process.
  const args = [join(bin, "jest"), "--config", JSON.stringify(config), "-w", "2", "--json"];
  return JSON.parse(
    spawnSync(join(bin, "node"), args, { encoding: "utf8", timeout: 120_000 }).stdout,
  );
})();

test.each(Object.keys(files).map((what, index) => [what, index] as const))(
  "%s decides what the run says",
  (what, index) => {
    const [, status, words] = files[what as keyof typeof files];

    const found = report.testResults.find(({ name }) => basename(name) === `${index}.test.ts`);

    expect(found?.status).toBe(status);
    expect(found?.message).toContain(words);
  },
);
