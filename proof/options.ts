import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { endOnUncaught, print, printError } from "../adapters/terminal.ts";

/** An option with a value: what it takes, in words, and how that is read; `undefined`: it is not that. */
export type Option<Value> = {
  readonly takes: string;
  readonly read: (text: string) => Value | undefined;
};
/** An option that is given or not. */
export const flag = "flag";

type Options = Readonly<Record<string, Option<unknown> | typeof flag>>;
export type Values<Given extends Options> = {
  readonly [Name in keyof Given]?: Given[Name] extends Option<infer Value> ? Value : true;
};

/** How a command of the proof ends, besides 0. A 1 is never anything but a broken promise. */
export const exitCodes = { broken: 1, notRun: 2, notAll: 3 } as const;

const grouped = (count: number): string => count.toLocaleString("en");

/** `1 fault`, `2 faults`, `1,000 faults`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

export const wholeNumber = (min: number, max: number): Option<number> => ({
  takes: `a whole number from ${grouped(min)} to ${grouped(max)}`,
  read: (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

export const numberAboveZero = (max: number): Option<number> => ({
  takes: `a number above 0, at most ${grouped(max)}`,
  read: (text) => {
    const value = /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    return value > 0 && value <= max ? value : undefined;
  },
});

export const oneOf = <Name extends string>(names: readonly Name[]): Option<Name> => ({
  takes: `one of ${names.join(", ")}`,
  read: (text) => names.find((name) => name === text),
});

export const someText = (takes: string): Option<string> => ({
  takes,
  read: (text) => (text.trim() === "" ? undefined : text),
});

/** A directory into which files can be written, though it may not be there yet. */
export const isWritableDirectory = (path: string): boolean => {
  const whole = resolve(path);
  if (!existsSync(whole)) return isWritableDirectory(dirname(whole));
  try {
    accessSync(whole, constants.W_OK);
    return statSync(whole).isDirectory();
  } catch {
    return false;
  }
};

/** A file that can be written, in a directory that is there. */
export const isWritableFile = (path: string): boolean => {
  const isDirectory = existsSync(path) && statSync(path).isDirectory();
  return !isDirectory && existsSync(dirname(path)) && isWritableDirectory(dirname(path));
};

/** Reads parameters by the options there are, and says everything that is wrong with them. */
export const readOptions = <Given extends Options>(
  parameters: readonly string[],
  options: Given,
): { readonly values: Values<Given>; readonly faults: readonly string[] } => {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  const left = [...parameters];
  for (let parameter = left.shift(); parameter !== undefined; parameter = left.shift()) {
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(parameter) ?? [];
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === flag) {
      if (inline !== undefined) faults.push(`--${name} takes no value`);
      values[name] = true;
      continue;
    }
    const hasNext = name !== "" && left[0] !== undefined && !left[0].startsWith("--");
    const text = inline ?? (hasNext ? left.shift() : undefined);
    if (option === undefined) {
      faults.push(name === "" ? `${parameter} is not an option` : `There is no option --${name}`);
      continue;
    }
    const value = text === undefined ? undefined : option.read(text);
    if (name in values) faults.push(`--${name} is given more than once`);
    if (value === undefined)
      faults.push(`--${name} takes ${option.takes}${text === undefined ? "" : `, not "${text}"`}`);
    // What is there, though wrong, is not missing, and may still not go with another.
    values[name] = value;
  }
  return { values: values as Values<Given>, faults };
};

/**
 * The options that this command was given. With `--help` it ends with its usage, with any that are
 * wrong it names all of them; in both cases before anything has begun. From then on an error that
 * nobody catches is told apart from a broken promise, too.
 */
export const optionsOrExit = <Given extends Options>(
  usage: string,
  options: Given,
  contradictions: (values: Values<Given>) => readonly string[] = () => [],
): Values<Given> => {
  const parameters = process.argv.slice(2);
  if (parameters.includes("--help") || parameters.includes("-h")) {
    print(usage);
    process.exit(0);
  }
  const { values, faults } = readOptions(parameters, options);
  const all = [...faults, ...contradictions(values)];
  if (all.length > 0) {
    printError(`${all.join("\n")}\n--help has the options\n`);
    process.exit(exitCodes.notRun);
  }
  endOnUncaught(exitCodes.notRun);
  return values;
};
