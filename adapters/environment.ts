export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of the process: read here, and nowhere else. */
export const environment = (): Environment => process.env;

/** `1 fault`, `2 faults`. */
export const countOfFaults = (faults: readonly string[]): string =>
  `${faults.length} ${faults.length === 1 ? "fault" : "faults"}`;

/**
 * Returns a line for each variable that looks like a setting but is not in `known`: a misspelt one,
 * say.
 */
export const unknownVariables = (
  known: readonly string[],
  environment: Environment,
): readonly string[] =>
  Object.keys(environment)
    .filter((name) => name.startsWith("POSTRIDER_") && !known.includes(name))
    .map((name) => `${name} is not a setting and changes nothing.`);

/**
 * A faulty configuration: every fault of every variable, a line each. Unknown variables follow: one
 * that is missing and one that is misspelt are often the same.
 */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[], besides: readonly string[]) {
    const lines = [`The configuration has ${countOfFaults(faults)}:`, ...faults, ...besides];
    super(lines.join("\n"));
    this.name = "ConfigurationError";
    this.faults = faults;
  }
}
