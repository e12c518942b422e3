import * as z from "zod";
import { ConfigurationError, type Environment, unknownVariables } from "./environment.ts";
import { inWords } from "./in-words.ts";
import { type Reader, type Setting, settings } from "./settings.ts";
import { poolVariable, threadsMin } from "./thread-pool.ts";

type Settings = typeof settings;
type Name = keyof Settings;

/** The names of the settings that a reader reads. */
type NamesOf<R extends Reader> = {
  [N in Name]: R extends Settings[N]["readBy"][number] ? N : never;
}[Name];
type Tunable = {
  [N in Name]: Settings[N] extends { readonly fallback: unknown } ? N : never;
}[Name];

/** The functions that have a part in the life of a message. */
export type FunctionName = Exclude<
  Reader,
  "senders" | "local" | "command" | "outbox" | "ownWorker"
>;

/** The values that a reader gets, by name. */
export type SettingsOf<R extends Reader> = {
  readonly [N in NamesOf<R>]: z.output<Settings[N]["schema"]>;
};

/** The names of the settings that must be given to a reader. */
export type NeededBy<R extends Reader> = Exclude<NamesOf<R>, Tunable>;

/**
 * The environment of a reader, by variable. A needed variable that is missing, and an unknown one,
 * do not compile.
 */
export type EnvironmentOf<R extends Reader> = {
  readonly [N in NeededBy<R> as Settings[N]["variable"]]: string;
} & {
  readonly [N in Extract<NamesOf<R>, Tunable> as Settings[N]["variable"]]?: string;
};

const isReadBy = (reader: Reader, { readBy }: Setting): boolean => readBy.includes(reader);

/** Returns the settings of a reader with their names, in the order of the table. */
export const settingsReadBy = (reader: Reader): readonly (readonly [string, Setting])[] =>
  Object.entries<Setting>(settings).filter(([, setting]) => isReadBy(reader, setting));

/** Returns the variables that a reader reads. */
export const variablesReadBy = (reader: Reader): readonly string[] =>
  settingsReadBy(reader).map(([, { variable }]) => variable);

/**
 * Returns the variables that may be set where a reader runs: the command runs beside the local
 * edition.
 */
const variablesKnownTo = (reader: Reader): readonly string[] => [
  ...variablesReadBy(reader),
  ...(reader === "local" ? variablesReadBy("command") : []),
];

/** Returns the text of a setting that is not set, or `undefined` if it must be set. */
export const fallbackOf = ({ fallback }: Setting, reader: Reader): string | undefined =>
  typeof fallback === "object" ? fallback[reader === "local" ? "local" : "aws"] : fallback;

/**
 * Reads all settings of a reader. Throws a ConfigurationError that names every fault, together with
 * what `unknownVariables` finds.
 */
export const readSettings = <R extends Reader>(
  reader: R,
  environment: Environment,
): SettingsOf<R> => {
  const read = settingsReadBy(reader);
  const shape = Object.fromEntries(
    read.map(([, setting]) => {
      const fallback = fallbackOf(setting, reader);
      // Prefault, not default: the text of the table is parsed like a text that is set.
      const { variable, schema } = setting;
      return [variable, fallback === undefined ? schema : schema.prefault(fallback)];
    }),
  );
  // A variable that is set to nothing counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ""));
  // Parsed once: zod would compile a parser for it first.
  const parsed = z.object(shape).safeParse(given, { error: inWords, jitless: true });
  if (!parsed.success)
    throw new ConfigurationError(
      parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
      unknownVariables(variablesKnownTo(reader), environment),
    );
  const values = read.map(([name, { variable }]) => [name, parsed.data[variable]] as const);
  return Object.fromEntries(values) as SettingsOf<R>;
};

/** Returns a line for each odd but harmless setting of the local edition. */
export const settingWarnings = (
  { leaseMs, graceMs, clockMarginMs, timeoutMs }: SettingsOf<"local">,
  environment: Environment,
): readonly string[] => [
  ...unknownVariables(variablesKnownTo("local"), environment),
  ...(graceMs > leaseMs
    ? ["POSTRIDER_GRACE_MS is more than POSTRIDER_LEASE_MS: a claim may take a second write."]
    : []),
  ...(leaseMs - clockMarginMs < timeoutMs
    ? [
        "POSTRIDER_LEASE_MS less the clock margin is shorter than POSTRIDER_TIMEOUT_MS: an exchange is cut off when its lease ends.",
      ]
    : []),
  ...(!(Number(environment[poolVariable] || threadsMin) >= threadsMin)
    ? [
        `${poolVariable} is less than ${threadsMin}: targets with slow name servers will delay the others.`,
      ]
    : []),
];
