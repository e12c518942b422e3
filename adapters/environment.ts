export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of the process: read here, and nowhere else. */
export const environment = (): Environment => process.env;

/** A faulty configuration: every fault of every variable, a line each. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.join("\n")}`);
    this.name = "ConfigurationError";
    this.faults = faults;
  }
}
