import * as z from "zod";
import { lambdaVariables, localVariables, type Variable } from "../../adapters/settings.ts";
import { code, generatedFrom, tableOf } from "./markdown.ts";

type Variables = Readonly<Record<string, Variable>>;

const local: Variables = localVariables;
const lambda: Variables = lambdaVariables;

const isIn = (variables: Variables) => (name: string) => name in variables;
const isNotIn = (variables: Variables) => (name: string) => !(name in variables);

/** What a value may be, as far as its schema tells: between which numbers, or one of which words. */
const takes = ({ schema }: Variable): string => {
  const told = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  if (told.enum) return told.enum.map((word) => code(String(word))).join(", ");
  if (told.type !== "number") return "";
  return `${told.minimum?.toLocaleString("en-US")} to ${told.maximum?.toLocaleString("en-US")}`;
};

const fallbackOf = (variable: Variable | undefined): string =>
  variable?.fallback === undefined ? "must be set" : code(variable.fallback);

const tableFor = (variables: Variables, names: readonly string[]): readonly string[] =>
  tableOf(
    ["Name", "Meaning", "Values", "Default"],
    names.flatMap((name) => {
      const variable = variables[name];
      return variable ? [[code(name), variable.about, takes(variable), fallbackOf(variable)]] : [];
    }),
  );

const sharedTable = (names: readonly string[]): readonly string[] =>
  tableOf(
    ["Name", "Meaning", "Values", "Default on one machine", "Default on AWS"],
    names.flatMap((name) => {
      const variable = local[name];
      if (!variable) return [];
      const defaults = [fallbackOf(variable), fallbackOf(lambda[name])];
      return [[code(name), variable.about, takes(variable), ...defaults]];
    }),
  );

/** The page of every setting, of both editions. */
export const configurationPage = (): string =>
  [
    generatedFrom("`adapters/settings.ts`"),
    "",
    "# Configuration",
    "",
    "Postrider is configured by environment variables, which are read once, when it starts. A variable",
    "that is set to nothing counts as not set. Names that end in `_MS` take milliseconds. Durations",
    "elsewhere have a unit: `250ms`, `5s`, `2m`, `6h` or `1d`, and a wait is at most 24 hours.",
    "",
    "## Every edition",
    "",
    ...sharedTable(Object.keys(local).filter(isIn(lambda))),
    "",
    "## On one machine",
    "",
    "Read by `npm start`, besides those of every edition.",
    "",
    ...tableFor(local, Object.keys(local).filter(isNotIn(lambda))),
    "",
    "## On AWS",
    "",
    "Read by the Lambda handlers, besides those of every edition. The stacks that set them come next.",
    "",
    ...tableFor(lambda, Object.keys(lambda).filter(isNotIn(local))),
    "",
    "## Faults and warnings",
    "",
    "A faulty configuration stops the start, and every fault of every variable is named at once.",
    "`npm start` then ends with exit code 2, and a Lambda function before its first event:",
    "",
    "```",
    "Postrider did not start. The configuration has 2 fault(s):",
    "PORT: Too big: expected number to be <=65535",
    "POSTRIDER_LEASE_MS: must be a whole number",
    "```",
    "",
    "Exit code 1 means that the configuration was fine and the start failed all the same: the port is",
    "taken, say, or another process has the data directory in use.",
    "",
    "Some settings are odd and yet possible. `npm start` says so, as a warning, and goes on:",
    "",
    "- `POSTRIDER_GRACE_MS` is not longer than lease and clock margin together. The dispatcher will look",
    "  at messages that are still being delivered, and postpone them.",
    "- `POSTRIDER_LEASE_MS` less the clock margin is shorter than `POSTRIDER_TIMEOUT_MS`. An exchange is",
    "  cut off when its lease is over.",
    "- A variable begins with `POSTRIDER_` and is none of the above, a misspelt one, say. It changes",
    "  nothing.",
    "",
    "The Lambda handlers do not give these warnings yet.",
    "",
  ].join("\n");
