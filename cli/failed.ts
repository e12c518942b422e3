import type { ExitCode, exitCodes } from "./exit-code.ts";

export type Failure = {
  readonly kind: Exclude<keyof typeof exitCodes, "done">;
  /** What is wrong: one sentence. */
  readonly what: string;
  /** What to do next: one sentence. */
  readonly next: string;
  /** Every fault, where there are several. */
  readonly faults?: readonly string[];
  /** The code of the problem, if the service gave one. */
  readonly code?: string;
};

/** Why a command ends with another exit code than 0, for the person who typed it. */
export class Failed extends Error {
  override readonly name = "Failed";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.what);
    this.failure = failure;
  }
}

/** Ends a command with this exit code, where everything has been printed. */
export class Ended extends Error {
  override readonly name = "Ended";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super(`Ended with ${exitCode}`);
    this.exitCode = exitCode;
  }
}
