import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { showProgress } from "../../adapters/terminal.ts";

const root = join(import.meta.dirname, "../..");

/** Runs a module that uses `adapters/terminal.ts`. */
const run = (script: string) => {
  const given = `import * as terminal from "./adapters/terminal.ts";${script}`;
  return spawnSync(join(root, "node_modules/.bin/node"), ["--input-type=module", "--eval", given], {
    cwd: root,
    encoding: "utf8",
    env: { PATH: process.env["PATH"] },
  });
};

test.each([
  ["print", 'a\\u009b2Jb\n"é"\n', ""],
  ["printError", "", 'a\\u009b2Jb\n"é"\n'],
])("what is printed by %s is escaped, and keeps its lines", (name, stdout, stderr) => {
  const ended = run(`terminal.${name}('a\\u009b2Jb\\n"é"\\n');`);

  expect(ended).toMatchObject({ status: 0, stdout, stderr });
});

test.each([
  ["an error", 'throw new Error("a\\u009b2J", { cause: new Error("why") });'],
  ["a rejection", 'Promise.reject(new Error("a\\u009b2J", { cause: new Error("why") }));'],
])("%s that nobody catches is shown escaped and whole, and ends the process", (_, script) => {
  const { status, stderr } = run(`terminal.endOnUncaught(7);${script}`);

  expect(status).toBe(7);
  expect(stderr).toMatch(/^Error: a\\u009b2J\n {4}at [\s\S]*\[cause\]: Error: why\n/);
  expect(stderr).not.toContain("\u009b");
});

describe("How far something is", () => {
  const shown = (isTTY: boolean, ...texts: readonly string[]): readonly string[] => {
    const written: string[] = [];
    for (const text of texts) showProgress({ isTTY, write: (part) => written.push(part) }, text);
    return written;
  };

  test("replaces itself on a terminal, and makes room in the end", () => {
    expect(shown(true, "1 of 2", "2 of 2", "")).toEqual([
      "\r\u001b[K1 of 2",
      "\r\u001b[K2 of 2",
      "\r\u001b[K",
    ]);
  });

  test("is a line of its own elsewhere", () => {
    expect(shown(false, "1 of 2", "2 of 2", "")).toEqual(["1 of 2\n", "2 of 2\n"]);
  });

  test.each([true, false])("is escaped, also its line breaks; on a terminal: %s", (isTTY) => {
    expect(shown(isTTY, "a\u001b[2J\n\u009bb")[0]).toMatch(/a\\u001b\[2J\\u000a\\u009bb\n?$/);
  });
});
