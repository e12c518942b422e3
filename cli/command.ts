import { createInterface } from "node:readline";
import type * as z from "zod";
import { systemClock } from "../adapters/clock.ts";
import { countOfFaults } from "../adapters/environment.ts";
import { endOnUncaught, print, printError } from "../adapters/terminal.ts";
import { type Accepted, localOptionOf, readArguments } from "./arguments.ts";
import { awsOutside, type Outside, type Place } from "./outside.ts";
import { Refused } from "./refused.ts";

/** A command: its options, what it does, and the text that it prints. */
export type Command<Ask extends Place, Given extends string | Answer = string> = {
  readonly name: string;
  /** The text of `--help`. */
  readonly help: string;
  readonly accepted: Accepted;
  readonly schema: (now: number) => z.ZodType<Ask>;
  /** Whether its answer contains secrets. */
  readonly answersWithSecrets: boolean;
  readonly run: (ask: Ask, outside: Outside, input: () => Promise<string>) => Promise<Given>;
  /** Its exit code when it could not be done; 1 by default. */
  readonly notDone?: ExitCode;
};

/** The answer of a command that has more exit codes than one. */
export type Answer = { readonly text: string; readonly exitCode: ExitCode };

/**
 * 0: done. 1: could not be done. 2: wrong options, and nothing was tried. A command may define
 * others in its help.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** How a command was called. */
export type Called = {
  readonly args: readonly string[];
  /** The words before them, such as `npm run audit --`. */
  readonly by: string;
};

const notATerminal =
  "standard output is not a terminal: the secret would end up in a file or a log. Add --print to allow that";

const complain = (line: string): void => {
  printError(`${line}\n`);
};

/** Returns the first line of standard input, typed or piped. */
const readInput = async (): Promise<string> => {
  if (process.stdin.isTTY) complain("Paste the key and press Enter:");
  for await (const line of createInterface({ input: process.stdin })) return line;
  return "";
};

/** Loaded where it is needed: the package, in which the audit runs, lacks what it imports. */
const localEdition = async (dataDir: string | undefined): Promise<Outside> =>
  (await import("./local-outside.ts")).localOutside(dataDir);

/** Runs a command and returns its exit code. Everything that a person must know was printed. */
export const exitCodeOf = async <Ask extends Place>(
  command: Command<Ask, string | Answer>,
  { args, by }: Called,
): Promise<ExitCode> => {
  const { help, accepted, schema, answersWithSecrets } = command;
  const read = readArguments(args, accepted, schema(systemClock()));
  if (read.kind === "help") {
    print(help);
    return 0;
  }
  const isHidden = !process.stdout.isTTY && !args.includes("--print");
  const faults = [
    ...(read.kind === "faults" ? read.faults : []),
    ...(answersWithSecrets && isHidden ? [notATerminal] : []),
  ];
  if (read.kind === "faults" || faults.length > 0) {
    complain(`Nothing was done. The command has ${countOfFaults(faults)}:`);
    for (const fault of faults) complain(`  ${fault}`);
    complain(`Run ${by} --help for the options.`);
    return 2;
  }
  try {
    const { ask } = read;
    const outside = localOptionOf(ask) ? await localEdition(ask["data-dir"]) : awsOutside(ask);
    const answer = await command.run(read.ask, outside, readInput);
    const { text, exitCode } = typeof answer === "string" ? { text: answer, exitCode: 0 } : answer;
    print(text);
    return exitCode as ExitCode;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const begin = error.isDoubtful ? "It is not known whether this was done." : "Not done.";
    complain(`${begin} ${error.message}`);
    return command.notDone ?? 1;
  }
};

/**
 * Runs a command with the arguments of the process and sets its exit code, which is also that of what
 * could not be done where an error is ours.
 */
export const execute = async <Ask extends Place>(
  command: Command<Ask, string | Answer>,
): Promise<void> => {
  endOnUncaught(command.notDone ?? 1);
  const called = { args: process.argv.slice(2), by: `npm run ${command.name} --` };
  process.exitCode = await exitCodeOf(command, called);
};
