import type { Command } from "commander";
import { addOperator } from "../../cli/add-operator.ts";
import { addSender } from "../../cli/add-sender.ts";
import { asHere } from "../../cli/commands/table-commands.ts";
import { exitCodes } from "../../cli/exit-code.ts";
import type { Io } from "../../cli/io.ts";
import { commonOptions, pathOf } from "../../cli/options.ts";
import { program } from "../../cli/program.ts";
import { revokeKeyCommand } from "../../cli/revoke-key.ts";
import { rotateSecretCommand } from "../../cli/rotate-secret.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

const lines: string[] = [];
/** Commands use the rest of it when they run, which none does here. */
const io = { out: (line) => lines.push(String(line)) > 0, err: () => {} } as Partial<Io> as Io;

/** Returns the help of a command as it is printed, without the options that all commands take. */
const helpOf = (command: Command): readonly string[] => {
  lines.length = 0;
  const visibleOptions = ({ options }: Command) => options.filter(({ hidden }) => !hidden);
  command.configureHelp({ helpWidth: 100, showGlobalOptions: false, visibleOptions }).outputHelp();
  return [...lines];
};

/** Those on the table have a help of their own, and so has the audit: its description. */
const onTable = new Map(
  [addOperator, addSender, revokeKeyCommand, rotateSecretCommand].map(({ name, help }) => [
    name,
    asHere(help).trimEnd(),
  ]),
);

const sectionOf = (command: Command): readonly string[] => {
  if (command.commands.length > 0) return command.commands.flatMap(sectionOf);
  const described = command.description().trimEnd();
  const own =
    onTable.get(command.name()) ?? (described.startsWith("Usage: ") ? described : undefined);
  const help = own === undefined ? helpOf(command) : [own];
  return ["", `## ${code(pathOf(command))}`, "", "```", ...help, "```"];
};

/** Returns the page of the command `postrider`: its help, and what programs may rely on. */
export const commandPage = (): string =>
  [
    generatedFrom("the help of the command, in `cli/`,"),
    "",
    "# The command `postrider`",
    "",
    "`npx postrider <command>`, from a checkout or from the package. The [guide](../guides/command.md)",
    "shows it at work.",
    "",
    "## Options of every command",
    "",
    ...tableOf(
      ["Option", "What it does"],
      commonOptions.map(([flags, about]) => [code(flags), about]),
    ),
    "",
    "## Exit codes",
    "",
    ...tableOf(
      ["Code", "Means"],
      Object.values(exitCodes).map(({ code: exitCode, means }) => [String(exitCode), means]),
    ),
    "",
    "## JSON",
    "",
    "With `--json` a result is one JSON object, and a list is one object a line, on standard output. They",
    "have the members of the [HTTP interface](http.md), and where the command adds some, its help says so.",
    "A failure is one object on standard error:",
    "",
    "```json",
    '{"error":{"exitCode":3,"code":"NOT_FOUND","message":"…","issues":[],"next":"…"}}',
    "```",
    "",
    "`exitCode` and `code` (that of the [problem](http.md#problems), if the service gave one) stay the same.",
    "`message`, `issues` and `next` are for people. A later version may add members, and removes none.",
    ...program(io).commands.flatMap(sectionOf),
    "",
  ].join("\n");
