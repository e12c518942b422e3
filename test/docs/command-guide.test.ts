import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Command } from "commander";
import type { Io } from "../../cli/io.ts";
import { program } from "../../cli/program.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const help = program({} as Io);

/** The command lines of the pages and of the help itself, without what a shell does with them. */
const lines = [
  ...["README.md", "docs/guides/command.md", "docs/guides/deploy.md"].flatMap((file) =>
    [...read(file).matchAll(/^(?: *- run: )?(?:npx )?postrider (.*)$/gm)].map(
      ([, line = ""]) => line,
    ),
  ),
  ...[...read("docs/reference/command.md").matchAll(/^ {2}(?:.*\| )?postrider (.*)$/gm)].map(
    ([, line = ""]) => line,
  ),
];

const wordsOf = (line: string): readonly string[] =>
  [...line.replace(/ [|<>#].*$/, "").matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? "",
  );

/** Finds the command that words name, and what is left of them. */
const commandOf = (
  words: readonly string[],
  from: Command = help,
): [Command, readonly string[]] => {
  const next = from.commands.find((each) => each.name() === words[0]);
  return next ? commandOf(words.slice(1), next) : [from, words];
};

describe("A command line of the pages", () => {
  test.each(lines)("names a command with options that there are: postrider %s", (line) => {
    const [command, rest] = commandOf(wordsOf(line));

    const known = [...command.options, ...help.options].map(({ long }) => long);
    const unknown = rest.filter((word) => word.startsWith("--") && !known.includes(word));
    expect(unknown.filter((word) => word !== "--help")).toEqual([]);
    expect(command === help).toBe(line === "--help");
  });
});
