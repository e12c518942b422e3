import * as z from "zod";
import type { ConfigurationError } from "../../adapters/environment.ts";
import {
  type FunctionName,
  fallbackOf,
  readSettings,
  settingsReadBy,
} from "../../adapters/read-settings.ts";
import { type Setting, settings } from "../../adapters/settings.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

const functions: readonly (FunctionName | "senders")[] = [
  "api",
  "worker",
  "dispatcher",
  "deadLetter",
  "senders",
];
const all: readonly Setting[] = Object.values(settings);
const isLocal = ({ readBy }: Setting): boolean => readBy.includes("local");
const readersOf = ({ readBy }: Setting): readonly (FunctionName | "senders")[] =>
  functions.filter((name) => readBy.includes(name));
const isOnAws = (setting: Setting): boolean => readersOf(setting).length > 0;

/** Returns the values of a setting as its schema tells them: a range of numbers, or some words. */
const valuesOf = ({ schema }: Setting): string => {
  const told = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  if (told.enum) return told.enum.map((word) => code(String(word))).join(", ");
  if (told.type !== "number") return "";
  return `${told.minimum?.toLocaleString("en-US")} to ${told.maximum?.toLocaleString("en-US")}`;
};

const defaultOf = (setting: Setting, reader: "local" | FunctionName): string => {
  const fallback = fallbackOf(setting, reader);
  return fallback === undefined ? "must be set" : code(fallback);
};

const cellsOf = (setting: Setting): readonly string[] => [
  code(setting.variable),
  setting.about,
  valuesOf(setting),
];

/** Returns the settings of both editions. */
const sharedTable = (): readonly string[] =>
  tableOf(
    ["Name", "Meaning", "Values", "Default on one machine", "Default on AWS", "Read on AWS by"],
    all
      .filter((setting) => isLocal(setting) && isOnAws(setting))
      .map((setting) => [
        ...cellsOf(setting),
        ...[defaultOf(setting, "local"), defaultOf(setting, "worker")],
        readersOf(setting).join(", "),
      ]),
  );

/** Returns the settings of the local edition alone. */
const localTable = (): readonly string[] =>
  tableOf(
    ["Name", "Meaning", "Values", "Default"],
    settingsReadBy("local")
      .filter(([, setting]) => !isOnAws(setting))
      .map(([, setting]) => [...cellsOf(setting), defaultOf(setting, "local")]),
  );

/** Returns the settings of the command alone. */
const commandTable = (): readonly string[] =>
  tableOf(
    ["Name", "Meaning"],
    settingsReadBy("command")
      .filter(([, setting]) => !isLocal(setting))
      .map(([, { variable, about }]) => [code(variable), about]),
  );

/** Returns the settings of functions alone. */
const functionsTable = (): readonly string[] =>
  tableOf(
    ["Name", "Meaning", "Values", "Default", "Read by"],
    all
      .filter((setting) => isOnAws(setting) && !isLocal(setting))
      .map((setting) => [
        ...cellsOf(setting),
        defaultOf(setting, "worker"),
        readersOf(setting).join(", "),
      ]),
  );

/** Returns the message about faulty settings, from the code that reads them. */
const whatIsSaidOf = (environment: Readonly<Record<string, string>>): string => {
  try {
    readSettings("local", environment);
  } catch (error) {
    return (error as ConfigurationError).message;
  }
  throw new Error("An example of faults has none");
};

/** Returns the page of every setting, of both editions. */
export const configurationPage = (): string =>
  [
    generatedFrom("`adapters/settings.ts`"),
    "",
    "# Configuration",
    "",
    "Postrider reads these environment variables once, when it starts. A variable that is set to nothing",
    "counts as not set. Names that end in `_MS` take milliseconds; other durations have a unit: `250ms`,",
    "`5s`, `2m`, `6h` or `1d`, and a wait is at most 24 hours.",
    "",
    "## Every edition",
    "",
    ...sharedTable(),
    "",
    "## On one machine",
    "",
    "Read by `npm start`, besides those of every edition.",
    "",
    ...localTable(),
    "",
    "`UV_THREADPOOL_SIZE`, the threads of Node's pool, is set to 256 by `npm start` unless it is set",
    "already. Look-ups of names may hold half of them.",
    "",
    "## The command `postrider`",
    "",
    "Each may be left out, and an option of the [command](command.md) goes before it. It reads",
    "`POSTRIDER_DATA_DIR` too, to find the local edition, and besides those `NO_COLOR` and",
    "`XDG_CONFIG_HOME`.",
    "",
    ...commandTable(),
    "",
    "## On AWS",
    "",
    "Read by the Lambda functions, besides those of every edition, and set by the stacks. A function",
    "reads what it needs and nothing else; the one for dead letters just where its metrics go.",
    "",
    ...functionsTable(),
    "",
    "The master keys themselves are in no environment variable: a function reads them from Secrets Manager",
    "once, when it starts, and does not start without them. Secrets Manager draws the first one when the",
    "stacks are deployed. How to [rotate them](../guides/secure.md#the-master-key).",
    "",
    "## Faults and warnings",
    "",
    "A faulty configuration stops the start. Every fault is named at once, and what looks like a misspelt",
    "variable. With `PORT=87870`, `POSTRIDER_LEASE_MS=65s` and `POSTRIDER_SHARD=16`:",
    "",
    "```",
    `Postrider did not start. ${whatIsSaidOf({ PORT: "87870", POSTRIDER_LEASE_MS: "65s", POSTRIDER_SHARD: "16" })}`,
    "```",
    "",
    "`npm start` then ends with exit code 2; with 1 if the configuration was fine and the start failed all",
    "the same: the port is taken, say, or another process has the data directory in use.",
    "",
    "`npm start` warns, and goes on, if",
    "",
    "- `POSTRIDER_GRACE_MS` is more than `POSTRIDER_LEASE_MS`. A claim may take a second write, which",
    "  brings the dispatcher's next check forward.",
    "- `POSTRIDER_LEASE_MS` less the clock margin is shorter than `POSTRIDER_TIMEOUT_MS`. An exchange is",
    "  cut off when its lease is over.",
    "- `UV_THREADPOOL_SIZE` is less than 256. Targets with slow name servers will hold up the others.",
    "- A variable begins with `POSTRIDER_` and is none of the above. It changes nothing. A function on AWS",
    "  warns of it too, in the first line of its log.",
    "",
    "On AWS the worker refuses to start, and names all that is wrong, unless",
    "",
    "- `POSTRIDER_TIMEOUT_MS` and five seconds, in which the outcome is written down, are no more than",
    "  `POSTRIDER_FUNCTION_TIMEOUT_MS`. Otherwise no attempt would ever be made.",
    "- `POSTRIDER_TIMEOUT_MS` and the clock margin are less than `POSTRIDER_LEASE_MS`.",
    "- `POSTRIDER_LEASE_MS` and the clock margin are less than `POSTRIDER_VISIBILITY_MS`. Otherwise",
    "  records would come back while their attempt is being made.",
    "- `POSTRIDER_VISIBILITY_MS` is at least six times `POSTRIDER_FUNCTION_TIMEOUT_MS`, as AWS advises.",
    "- `POSTRIDER_GRACE_MS` is at most `POSTRIDER_LEASE_MS`. Otherwise a claim would take a second",
    "  write.",
    "",
  ].join("\n");
