import { CommanderError } from "commander";
import { styled } from "../adapters/styled.ts";
import { type ExitCode, exitCodes } from "./exit-code.ts";
import { Ended, Failed, type Failure } from "./failed.ts";
import type { Io } from "./io.ts";
import { program } from "./program.ts";
import { Refused } from "./refused.ts";

const stopped: Failure = {
  kind: "stopped",
  what: "Stopped.",
  next: "What was asked for may have been done. To repeat the command does nothing twice.",
};

/** Returns the failure that an error is; `undefined` for an error that is a bug. */
const failureIn = (io: Io, error: unknown): Failure | undefined => {
  if (error instanceof Failed) return error.failure;
  if (error instanceof Refused)
    return {
      kind: "usage",
      what: `Nothing was done. ${error.message}`,
      next: "Fix that, and try again.",
    };
  return io.interrupted.aborted ? stopped : undefined;
};

/** Prints a failure: what is wrong, and what to do next. */
const printFailure = (io: Io, { kind, what, faults = [], next, code }: Failure): void => {
  if (io.args.includes("--json")) {
    const { code: exitCode } = exitCodes[kind];
    io.err(JSON.stringify({ error: { exitCode, code, message: what, issues: faults, next } }));
    return;
  }
  io.err(styled(kind === "stopped" ? "yellow" : "red", what));
  for (const fault of faults) io.err(`  ${fault}`);
  io.err(next);
};

/**
 * Runs the command that the arguments name. Returns the exit code; every failure has been printed.
 * Throws what is a bug.
 */
export const run = async (io: Io): Promise<ExitCode> => {
  try {
    await program(io).parseAsync(io.args, { from: "user" });
    return exitCodes.done.code;
  } catch (error) {
    // The help was printed: because it was asked for, or because no command was named.
    if (error instanceof CommanderError)
      return error.exitCode === 0 ? exitCodes.done.code : exitCodes.usage.code;
    if (error instanceof Ended) return error.exitCode;
    const failure = failureIn(io, error);
    if (failure === undefined) throw error;
    printFailure(io, failure);
    return exitCodes[failure.kind].code;
  }
};
