import { expect, test } from "@jest/globals";
import { rendered } from "../../adapters/styled.ts";
import { findingLines, wrapped } from "../../cli/finding-lines.ts";

test("a finding is wrapped at the width of the terminal, what to do below it", () => {
  const lines = findingLines(
    {
      ...{ level: "attention", about: "clock", what: "The clock of this machine is behind." },
      todo: "Set it by NTP, and check again.",
    },
    36,
  ).map((line) => rendered(line, false));

  expect(lines).toEqual([
    "attention  The clock of this machine",
    "           is behind.",
    "           → Set it by NTP, and",
    "             check again.",
  ]);
});

test("a word that is wider than the terminal has a line of its own", () => {
  expect(wrapped("see https://example.com/a now", 10)).toEqual([
    ...["see", "https://example.com/a", "now"],
  ]);
});
