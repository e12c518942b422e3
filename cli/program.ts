/**
 * The command `postrider`. To add a command:
 *
 * 1. Write `cli/commands/<name>.ts` with a function that takes the `Io` and returns a commander
 *    `Command`. All of its outside comes from the `Io`, so a test runs it in its own process.
 * 2. Its action parses with `parseOptions`, which names every fault at once; works with
 *    `withClient` or `withOperator`, which find the Postrider and translate its problems; and prints
 *    with `show` or `showList`, which know `--json`. It ends with another exit code than 0 by
 *    throwing `Failed`.
 * 3. Add it to `commands` below. `npm run docs` writes its help into `docs/reference/command.md`.
 *    A test runs it with `command()` of `test/support/command.ts`.
 */
import { Command, type CommanderError, Option } from "commander";
import { audit } from "./commands/audit.ts";
import { cancel } from "./commands/cancel.ts";
import { check } from "./commands/check.ts";
import { completion } from "./commands/completion.ts";
import { deploy } from "./commands/deploy.ts";
import { dev } from "./commands/dev.ts";
import { doctor } from "./commands/doctor.ts";
import { erase } from "./commands/erase.ts";
import { get } from "./commands/get.ts";
import { jobs } from "./commands/jobs.ts";
import { keys } from "./commands/keys.ts";
import { list } from "./commands/list.ts";
import { listen } from "./commands/listen.ts";
import { profiles } from "./commands/profiles.ts";
import { replay } from "./commands/replay.ts";
import { secrets } from "./commands/secrets.ts";
import { send } from "./commands/send.ts";
import { sendNow } from "./commands/send-now.ts";
import { senders } from "./commands/senders.ts";
import { tableCommands } from "./commands/table-commands.ts";
import { tail } from "./commands/tail.ts";
import { why } from "./commands/why.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { commonOptions, pathOf } from "./options.ts";
import { version } from "./version.ts";

/** Every command, in the order of the help. */
const commands: readonly ((io: Io) => Command)[] = [
  ...[send, get, why, list, tail],
  ...[sendNow, cancel, replay, erase, jobs],
  ...[listen, check, doctor],
  ...[senders, keys, secrets, audit],
  ...tableCommands,
  ...[profiles, dev, deploy, completion],
];

/** The help is as wide as a page of the documentation. */
const helpWidth = 100;

const exitOf =
  (command: Command) =>
  (error: CommanderError): never => {
    // Help that was asked for, or is shown because no command was named.
    if (error.exitCode === 0 || error.code === "commander.help") throw error;
    const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
    throw new Failed({
      kind: "usage",
      what: `Nothing was done. ${message}`,
      next: `Run ${pathOf(command)} --help for the options.`,
    });
  };

/** Gives a command and its subcommands the output of the `Io`, and errors of ours. */
const adopt = (command: Command, io: Io): void => {
  const write = (printLine: (line: string) => unknown) => (text: string) => {
    for (const line of text.replace(/\n$/, "").split("\n")) printLine(line);
  };
  command
    .configureOutput({
      writeOut: write(io.out),
      writeErr: write(io.err),
      outputError: () => {},
      getOutHelpWidth: () => helpWidth,
      getErrHelpWidth: () => helpWidth,
    })
    .configureHelp({ helpWidth, showGlobalOptions: true })
    .helpCommand(false)
    .exitOverride(exitOf(command));
  for (const each of command.commands) adopt(each, io);
};

/** Returns the command `postrider` with all its commands, over some outside. */
export const program = (io: Io): Command => {
  const root = new Command("postrider")
    .description("Sends messages with Postrider, follows them and steers them.")
    .version(version, "-V, --version", "print the version")
    .addHelpText(
      "after",
      "\nWithout --url or --profile a command works with the local edition that runs here.\nGuide: docs/guides/command.md",
    );
  for (const [flags, about] of commonOptions) root.addOption(new Option(flags, about));
  for (const command of commands) root.addCommand(command(io));
  adopt(root, io);
  return root;
};
