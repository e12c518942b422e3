import { expect, test } from "@jest/globals";
import { hasColours, rendered, styled } from "../../adapters/styled.ts";

test("a line has its styles where there are colours, and what others wrote is escaped", () => {
  const line = [styled("red", "a\u001b[2J"), " b\u009b"];

  expect(rendered(line, true)).toBe("\u001b[31ma\\u001b[2J\u001b[39m b\\u009b");
  expect(rendered(line, false)).toBe("a\\u001b[2J b\\u009b");
});

test.each([
  [true, {}, true],
  [true, { NO_COLOR: "" }, true],
  [true, { NO_COLOR: "1" }, false],
  [true, { TERM: "dumb" }, false],
  [false, {}, false],
])("colours: a terminal (%s) with %j has them: %s", (isTTY, environment, expected) => {
  expect(hasColours({ isTTY }, environment)).toBe(expected);
});
