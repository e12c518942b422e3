/**
 * What an operator does on the table itself, with credentials of AWS, before there is a key for
 * anything else. A checkout has the same as `npm run …`; whoever has the package only has these.
 */
import { Command, Option } from "commander";
import type { Command as TableCommand } from "../command.ts";
import { exitCodes } from "../exit-code.ts";
import { Ended } from "../failed.ts";
import type { Io } from "../io.ts";

// biome-ignore lint/suspicious/noExplicitAny: what is asked differs, and only the command itself reads it.
type Any = TableCommand<any>;

const everywhere = ["table", "data-dir", "region"];

/**
 * Loaded when they are called: the SDK takes longer to load than other commands to run. The options are
 * for the completion of shells.
 */
export const tableCommandsByName = {
  "add-operator": {
    summary: "create the first key of an operator, on the table",
    options: [...everywhere, "label", "scopes", "expires"],
    flags: ["local", "print"],
    load: async () => (await import("../add-operator.ts")).addOperator as Any,
  },
  "add-sender": {
    summary: "create a sender, or another key of one, on the table",
    options: [
      ...[...everywhere, "secret", "sender", "label", "scopes", "expires"],
      "signing-secret-file",
    ],
    flags: ["local", "print"],
    load: async () => (await import("../add-sender.ts")).addSender as Any,
  },
  "revoke-key": {
    summary: "revoke a key, on the table",
    options: [...everywhere, "hash"],
    flags: ["local"],
    load: async () => (await import("../revoke-key.ts")).revokeKeyCommand as Any,
  },
  "rotate-secret": {
    summary: "rotate the signing secret of a sender, on the table",
    options: [...everywhere, "secret", "sender", "overlap", "signing-secret-file"],
    flags: ["local", "print"],
    load: async () => (await import("../rotate-secret.ts")).rotateSecretCommand as Any,
  },
} as const;
type Name = keyof typeof tableCommandsByName;

/** These texts name the commands as a checkout has them. */
export const asHere = (text: string): string =>
  text.replaceAll(/npm run ([\w-]+)( --(?= ))?/g, "postrider $1");

const act = async (io: Io, name: Name): Promise<void> => {
  const command = await tableCommandsByName[name].load();
  const { exitCodeOf } = await import("../command.ts");
  const args = io.args.slice(io.args.indexOf(name) + 1);
  const here: Any = {
    ...command,
    help: asHere(command.help),
    notDone: exitCodes.notDone.code,
    run: async (...given) => asHere(await command.run(...given)),
  };
  throw new Ended(await exitCodeOf(here, { args, by: `postrider ${name}` }));
};

const tableCommand =
  (name: Name) =>
  (io: Io): Command => {
    const { summary, options, flags } = tableCommandsByName[name];
    const command = new Command(name)
      .summary(summary)
      .description(
        `Does this on the table, with your AWS credentials. Run postrider ${name} --help for its options.`,
      )
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => act(io, name));
    const taken = [
      ...options.map((option) => `--${option} <value>`),
      ...flags.map((f) => `--${f}`),
    ];
    for (const each of taken) command.addOption(new Option(each).hideHelp());
    return command;
  };

/** `add-operator`, `add-sender`, `revoke-key` and `rotate-secret`. */
export const tableCommands = (Object.keys(tableCommandsByName) as Name[]).map(tableCommand);
