import type { Command } from "commander";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { pathOf } from "./options.ts";

/** Adds the option that lets a secret go where it stays. */
export const withPrint = (command: Command): Command =>
  command.option("--print", "show the secret though standard output is not a terminal");

/**
 * Throws a failure where the answer of a command would put a secret into a file or a log. Asked
 * before anything is made: what is shown once only must not be lost.
 */
export const checkSecretOutput = (io: Io, command: Command): void => {
  if (io.isTerminal || command.opts()["print"]) return;
  throw new Failed({
    kind: "usage",
    what: "Nothing was done: standard output is not a terminal, and the secret would end up in a file or a log.",
    next: `Add --print to ${pathOf(command)} to allow that.`,
  });
};
