/**
 * `npm test`: lint, types and all tests of the product, side by side. With arguments, jest alone, for
 * a path or a flag: `npm test -- test/domain/retry.test.ts`, `npm test -- --watch`.
 */
import { spawn } from "node:child_process";

type Result = { readonly name: string; readonly code: number; readonly output: string };

/** Runs a program. What it says is kept, unless it may write to the terminal. */
const run = async (
  name: string,
  [program = "", ...args]: readonly string[],
  { isShown = false }: { readonly isShown?: boolean } = {},
): Promise<Result> => {
  const child = spawn(program, args, {
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

const args = process.argv.slice(2);
const jest = () => run("Tests", ["jest", ...args], { isShown: true });
const results =
  args.length > 0
    ? [await jest()]
    : await Promise.all([
        run("Lint", ["biome", "check", "--error-on-warnings", "."]),
        run("Types", ["tsc", "--noEmit"]),
        jest(),
      ]);
for (const { name, code, output } of results)
  if (name !== "Tests")
    process.stdout.write(code === 0 ? `${name}: fine\n` : `\n${name}: failed\n${output}`);
process.exitCode = results.some(({ code }) => code !== 0) ? 1 : 0;
