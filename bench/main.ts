/**
 * Measurements of Postrider: `npm run bench`, or a part of it alone, as `npm run bench -- ingest`.
 * What is compared is compared in one run, in turns: only ratios and counts mean something on another
 * machine.
 */

import { parseArgs } from "node:util";
import { print, printError, showProgress } from "../adapters/terminal.ts";
import { keepFigures } from "./keep.ts";
import { machineNow } from "./machine.ts";
import { type Measured, type Part, UnusableOption, type Values } from "./part.ts";
import { byDefault, isPartName, type PartName, parts } from "./parts.ts";
import { rendered } from "./render.ts";

const padded = (name: string): string => name.padEnd(22);

const optionLines = ({ options }: Part): readonly string[] =>
  Object.entries(options).map(([name, { type, fallback, about }]) => {
    const given = type === "string" ? `--${name} <…>` : `--${name}`;
    return `      ${padded(given)}${about}${fallback === undefined ? "" : ` (${fallback})`}`;
  });

const usage = (): string =>
  [
    "Measures Postrider.",
    "",
    "  npm run bench                      the parts that are marked with a star, one after the other",
    "  npm run bench -- <part> [options]  one part",
    "",
    `  ${padded("  --json")}  print the figures as JSON`,
    `  ${padded("  --keep")}  keep the figures for docs/reference/performance.md: then \`npm run docs\``,
    `  ${padded("  --help")}  print this`,
    "",
    ...Object.entries<Part>(parts).flatMap(([name, part]) => [
      `  ${byDefault.includes(name as PartName) ? "*" : " "} ${padded(name)}${part.about}`,
      ...optionLines(part),
    ]),
    "",
  ].join("\n");

const refuse = (fault: string): never => {
  printError(`${fault}. \`npm run bench -- --help\` lists what there is.\n`);
  process.exit(2);
};

/** Reads the options of the one part that is asked for; several have none of their own. */
const valuesOf = (options: Part["options"], args: readonly string[]): Values => {
  const own = Object.fromEntries(
    Object.entries(options).map(([name, { type, fallback, multiple = false }]) => [
      name,
      { type, multiple, ...(fallback !== undefined && { default: fallback }) },
    ]),
  );
  const flag = { type: "boolean" } as const;
  const general = { json: flag, keep: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options: { ...own, ...general } }).values as Values;
  } catch (error) {
    return refuse((error as Error).message.replace(/\. .*/s, ""));
  }
};

const [first = "", ...rest] = process.argv.slice(2);
const isNamed = first !== "" && !first.startsWith("-");
if (isNamed && !isPartName(first)) refuse(`There is no part ${JSON.stringify(first)}`);
const names: readonly PartName[] = isPartName(first) ? [first] : byDefault;
const [only] = names.length === 1 ? names : [];
const values = valuesOf(only ? parts[only].options : {}, isNamed ? rest : process.argv.slice(2));
if (values["help"]) {
  print(usage());
  process.exit(0);
}

const machine = machineNow();
const measured: Partial<Record<PartName, Measured>> = {};
for (const name of names) {
  const part: Part = parts[name];
  const defaults = Object.fromEntries(
    Object.entries(part.options).map(([option, { fallback }]) => [option, fallback]),
  );
  try {
    measured[name] = await part.run({ ...defaults, ...values }, (text) =>
      showProgress(process.stderr, `${name}: ${text}`),
    );
  } catch (error) {
    if (error instanceof UnusableOption) refuse(error.message);
    throw error;
  }
}
showProgress(process.stderr, "");

const figures = Object.fromEntries(
  Object.entries(measured).map(([name, each]) => [name, each.figures]),
);
if (values["keep"]) keepFigures(machine, figures);
const { node, processors, load, commit } = machine;
print(
  values["json"]
    ? `${JSON.stringify({ machine, ...figures }, undefined, 2)}\n`
    : [
        `Commit ${commit}, Node ${node.slice(1)}, ${processors} processors, load ${load.toFixed(1)} when it began.\n`,
        rendered(Object.values(measured).flatMap(({ tables }) => tables)),
      ].join("\n"),
);
process.exit(0);
