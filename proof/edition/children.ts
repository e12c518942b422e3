import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { environment } from "../../adapters/environment.ts";

const running = new Set<ChildProcess>();

/** What a process of a run may know of ours: where programs are. */
export const plainEnvironment = (): Record<string, string> => {
  const { PATH = "", HOME = "", TMPDIR } = environment();
  return { PATH, HOME, ...(TMPDIR && { TMPDIR }) };
};

export type Child = {
  readonly process: ChildProcess;
  /** Resolves when it has ended, to its exit code. */
  readonly ended: Promise<number | null>;
};

/** Starts a process that does not outlive this one, however this one ends by itself. */
export const startChild = (
  command: string,
  args: readonly string[],
  { onLine, ...options }: SpawnOptions & { readonly onLine: (line: string) => void },
): Child => {
  const child = spawn(command, [...args], {
    env: plainEnvironment(),
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  for (const input of [child.stdout, child.stderr])
    createInterface({ input: input as NodeJS.ReadableStream }).on("line", onLine);
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { process: child, ended };
};

/** Runs one of our scripts to its end; its output. Rejects if it fails. */
export const runScript = async (file: string, ...args: readonly string[]): Promise<string> => {
  const lines: string[] = [];
  const { ended } = startChild(process.execPath, [file, ...args], {
    onLine: (line) => lines.push(line),
  });
  if ((await ended) !== 0) throw new Error(`${file} failed:\n${lines.join("\n")}`);
  return lines.join("\n");
};

/** Ends whatever is still running. */
export const killChildren = (): void => {
  for (const child of running) child.kill("SIGKILL");
};
process.once("exit", killChildren);

/** For the programs: whoever ends one ends what it started, too. */
export const endWithChildren = (): void => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      killChildren();
      process.exit(130);
    });
};
