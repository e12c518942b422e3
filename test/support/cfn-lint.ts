import { execFile } from "node:child_process";
import { describe } from "@jest/globals";
import { programNamed } from "./program.ts";

const program = programNamed("cfn-lint", "POSTRIDER_CFN_LINT");

/**
 * Names tests that need cfn-lint, a program in Python. Where there is none they are left out, which is
 * told: CDK itself validates templates in every test of the stacks. `.ci/run` installs it.
 */
export const describeWithCfnLint = (name: string, tests: () => void): void => {
  if (program) {
    describe(name, tests);
    return;
  }
  const told = "left out: there is no cfn-lint. Install it, or name it in POSTRIDER_CFN_LINT.";
  process.stderr.write(`${name}: ${told}\n`);
  describe.skip(name, tests);
};

type Found = {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] };
};

/** Returns what cfn-lint finds wrong with a template, a line each, but for what these rules find. */
export const lint = async (
  file: string,
  ignored: readonly string[],
): Promise<readonly string[]> => {
  const options = ["--regions", "us-east-1", "--format", "json", "--ignore-checks", ...ignored];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(program ?? "", ["--template", file, ...options], (error, stdout) => {
    // It ends with another code than 0 where it finds something, and says what.
    if (error && stdout === "") reject(error);
    else resolve(stdout);
  });
  const found = JSON.parse((await promise) || "[]") as readonly Found[];
  return found.map(({ Rule, Message, Location }) =>
    [Rule.Id, Location.Path.join("/"), Message].join(" "),
  );
};
