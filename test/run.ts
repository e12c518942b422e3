/**
 * `npm test`: lint, types and all tests of the product, side by side. With arguments, jest alone, for
 * a path or a flag: `npm test -- test/domain/retry.test.ts`, `npm test -- --watch`.
 */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { compileCache } from "./support/compile-cache.ts";

const modules = join(import.meta.dirname, "../node_modules");
/** What is kept between two runs. Whoever deletes it only waits longer for the next one. */
const cache = join(modules, ".cache");

type Result = { readonly name: string; readonly code: number; readonly output: string };

type RunOptions = {
  readonly isShown?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Runs a program. What it says is kept, unless it may write to the terminal. */
const run = async (
  name: string,
  [program = "", ...args]: readonly string[],
  { isShown = false, environment = {} }: RunOptions = {},
): Promise<Result> => {
  const child = spawn(program, args, {
    env: { ...process.env, ...compileCache, ...environment },
    stdio: ["inherit", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const { promise, resolve } = Promise.withResolvers<Result>();
  child.once("error", (error) => resolve({ name, code: 1, output: `${error.message}\n` }));
  child.once("close", (code) => resolve({ name, code: code ?? 1, output }));
  return promise;
};

/**
 * Checks the types on one thread: more of them check the same packages several times, and the other
 * cores have tests to run. Types take memory that is not freed, so it is looked through less often.
 */
const types = () =>
  run(
    "Types",
    [
      ...["tsc", "--noEmit", "--singleThreaded", "--incremental"],
      ...["--tsBuildInfoFile", join(cache, "tsc/tests.tsbuildinfo")],
    ],
    { environment: { GOGC: "400" } },
  );

/** One file needs no process of its own: to start one takes longer than most files do. */
const inBand = (args: readonly string[]): readonly string[] => {
  const [path = "", ...others] = args;
  const isOneFile = others.length === 0 && statSync(path, { throwIfNoEntry: false })?.isFile();
  return isOneFile ? ["--runInBand"] : [];
};

/**
 * Room for what a test makes and drops, in this process and in those that it starts for the tests: to
 * collect garbage takes a tenth of their time otherwise.
 */
const roomForYoung = ["--min-semi-space-size=32", "--max-semi-space-size=64"];
const jestProgram = [process.execPath, ...roomForYoung, join(modules, "jest/bin/jest.js")];

const args = process.argv.slice(2);
const jest = () => run("Tests", [...jestProgram, ...args, ...inBand(args)], { isShown: true });
const results =
  args.length > 0
    ? [await jest()]
    : await Promise.all([
        run("Lint", ["biome", "check", "--error-on-warnings", "."]),
        types(),
        jest(),
      ]);
for (const { name, code, output } of results)
  if (name !== "Tests")
    process.stdout.write(code === 0 ? `${name}: fine\n` : `\n${name}: failed\n${output}`);
process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;
