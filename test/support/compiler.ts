import { execFile } from "node:child_process";
import { join } from "node:path";

const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc");

/**
 * Returns what the compiler says about the project in a folder. On one thread, which looks for memory
 * to free less often: more of them check the same packages several times.
 */
export const compiled = (folder: string): Promise<string> => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const env = { PATH: process.env["PATH"], GOGC: "400" };
  execFile(tsc, ["-p", folder, "--singleThreaded"], { env }, (_, stdout) => resolve(stdout));
  return promise;
};
