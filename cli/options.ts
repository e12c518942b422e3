import type { Command } from "commander";
import type * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { Failed } from "./failed.ts";

/** The options that every command takes. They are options of the program, and may stand anywhere. */
export type CommonOptions = {
  readonly url?: string;
  readonly key?: string;
  readonly profile?: string;
  readonly dataDir?: string;
  readonly sender?: string;
  readonly json?: boolean;
};

export const commonOptions: readonly (readonly [flags: string, about: string])[] = [
  ["--url <url>", "where Postrider is (POSTRIDER_URL)"],
  [
    "--key <key>",
    "an API key (POSTRIDER_KEY); it stays in the history of your shell, so prefer the variable or a profile",
  ],
  ["--profile <name>", "a profile of `postrider profiles` (POSTRIDER_PROFILE)"],
  ["--data-dir <dir>", "the data directory of the local edition (POSTRIDER_DATA_DIR, .postrider)"],
  ["--sender <id>", "the sender, where the profile does not name it"],
  ["--json", "print JSON: one object, or one a line for lists; errors too"],
];

/** Returns the options that were given to a command, those of the program among them. */
export const commonOf = (command: Command): CommonOptions => command.optsWithGlobals();

const optionOf = (member: string): string =>
  `--${member.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Returns the failure of a command that is wrong. It names every fault. */
export const usageFailure = (command: Command, faults: readonly string[]): Failed =>
  new Failed({
    kind: "usage",
    what: `Nothing was done. The command has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:`,
    faults,
    next: `Run ${pathOf(command)} --help for the options.`,
  });

/** Returns the words that call a command: `postrider jobs list`. */
export const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

/** Parses the options and arguments of a command. Throws a failure that names every fault. */
export const parseOptions = <Schema extends z.ZodType>(
  command: Command,
  schema: Schema,
): z.output<Schema> => {
  const words = command.registeredArguments.map((argument) => argument.name());
  const given = Object.fromEntries(words.map((name, at) => [name, command.processedArgs[at]]));
  const parsed = schema.safeParse({ ...command.optsWithGlobals(), ...given }, { error: inWords });
  if (parsed.success) return parsed.data;
  throw usageFailure(
    command,
    parsed.error.issues.map(({ path, message }) => {
      const member = String(path[0]);
      return `${words.includes(member) ? `<${member}>` : optionOf(member)}: ${message}`;
    }),
  );
};
