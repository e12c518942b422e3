import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { invariants } from "../../proof/invariants/promises.ts";

const page = join(import.meta.dirname, "../../docs/internals/faults.md");

/** A fault of the page: the promise it names, and the tests that are said to bring it about. */
const faults = readFileSync(page, "utf8")
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [number, fault = "", , , promise = "", tests = ""] = line.slice(2, -2).split(" | ");
    return { number, fault, promise: promise.replaceAll("`", ""), tests };
  });

/** Whether a file has a test of that name; `…` stands for what a table of cases fills in. */
const hasTest = (file: string, name: string): boolean => {
  const parts = name.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`"${parts.join("%\\w")}"`).test(readFileSync(file, "utf8"));
};

describe("Every fault of the page", () => {
  test("is one of many", () => {
    expect(faults.length).toBeGreaterThan(40);
  });

  test.each(faults)(
    "$fault: is about a promise, and is brought about by tests that are there",
    ({ promise, tests }) => {
      const shown = [...tests.matchAll(/\[[^\]]+\]\(([^)]+)\): “([^”]+)”/g)];

      const missing = shown.filter(
        ([, file = "", name = ""]) => !hasTest(join(dirname(page), file), name),
      );

      expect(Object.keys(invariants)).toContain(promise);
      expect(shown.length).toBeGreaterThan(0);
      expect(missing.map(([text]) => text)).toEqual([]);
    },
  );
});
