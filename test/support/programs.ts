import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { describe } from "@jest/globals";

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Names tests that run a program. Where it is not installed they are left out, which is told. */
export const describeWhereThereIs = (program: string, name: string, tests: () => void): void => {
  const paths = (process.env["PATH"] ?? "").split(":");
  if (paths.some((path) => isProgram(join(path, program)))) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`${name}: left out, there is no ${program}.\n`);
  describe.skip(name, tests);
};
