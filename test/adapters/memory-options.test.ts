import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { memoryOptions } from "../../adapters/memory-options.ts";

test("npm start has the options that keep the local edition small, as postrider dev does", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));

  expect(scripts.start).toBe(`exec node ${memoryOptions.join(" ")} local/main.ts`);
});
