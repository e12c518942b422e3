import { Command, Option } from "commander";
import { auditAccepted, auditHelp } from "../audit-help.ts";
import type { Answer, Command as TableCommand } from "../command.ts";
import { dataDirOf } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { Ended, Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { commonOf } from "../options.ts";

const help = auditHelp(
  "Usage: postrider audit --table <name> [--secret <ARN>] | --local",
  `  --local                the data directory of a local edition that has stopped, in place of a table;
                         --data-dir names it, and only --json goes with that

Exit codes: 0 nothing is wrong in what was read, --limit or not; 4 something is; 2 wrong options;
1 it could not be read to its end.`,
);

const notInPackage = new Failed({
  kind: "usage",
  what: "Nothing was done: the package cannot open the files of a local edition.",
  next: "Run npx postrider audit --local in a checkout.",
});

const { done, notDone, bad } = exitCodes;

/** What the exit codes of `npm run audit` are here, where 1 and 3 have another meaning. */
const codeOfAnswer = { 0: done.code, 1: bad.code, 2: notDone.code, 3: done.code, 4: bad.code };

/** Returns the audit of a table with the exit codes of this command. */
const asHere = <Ask>(
  audit: TableCommand<Ask & object, Answer>,
): TableCommand<Ask & object, Answer> => ({
  ...audit,
  help,
  notDone: notDone.code,
  run: async (...given) => {
    const { text, exitCode } = await audit.run(...given);
    return { text, exitCode: codeOfAnswer[exitCode] };
  },
});

const ofTable = async (args: readonly string[]): Promise<void> => {
  // Loaded here: the SDK takes longer to load than other commands to run.
  const { audit } = await import("../audit.ts");
  const { exitCodeOf } = await import("../command.ts");
  throw new Ended(await exitCodeOf(asHere(audit), { args, by: "postrider audit" }));
};

const ofLocalEdition = async (io: Io, command: Command, args: readonly string[]): Promise<void> => {
  const { json, ...common } = commonOf(command);
  const others = args.filter(
    (arg) => arg.startsWith("--") && !/^--(local|data-dir|json)\b/.test(arg),
  );
  if (others.length > 0)
    throw new Failed({
      kind: "usage",
      what: `Nothing was done. ${others.join(", ")} cannot be given together with --local.`,
      next: "Run postrider audit --help for the options.",
    });
  const variables = { POSTRIDER_DATA_DIR: dataDirOf(io.environment, common) };
  const code = await io.runScript("local/audit.ts", json ? ["--json"] : [], variables);
  if (code === undefined) throw notInPackage;
  throw new Ended(code === 0 ? done.code : code === 1 ? bad.code : notDone.code);
};

const act = (io: Io, command: Command): Promise<void> => {
  // It has options of its own, some with the names of common ones, and names all of their faults.
  const args = io.args.slice(io.args.indexOf("audit") + 1);
  const asksHelp = args.includes("--help") || args.includes("-h");
  return args.includes("--local") && !asksHelp ? ofLocalEdition(io, command, args) : ofTable(args);
};

export const audit = (io: Io): Command => {
  const command = new Command("audit")
    .summary("check every message of a table, and say what to do")
    .description(help)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_options: object, called: Command) => act(io, called));
  // For the completion of shells: the audit reads them itself.
  const known = [...auditAccepted.options.map((name) => `--${name} <value>`), "--local"];
  for (const flags of known) command.addOption(new Option(flags).hideHelp());
  return command;
};
