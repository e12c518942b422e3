import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Written } from "./explore.ts";

/** What a child says of some schedules that it has run. */
export type Batch = {
  readonly runs: number;
  readonly steps: number;
  readonly simulatedMs: number;
  /** The processor's time that they took, in its process. */
  readonly cpuMs: number;
  readonly counts: readonly (readonly [string, number])[];
  readonly broken: readonly {
    readonly seed: number;
    readonly invariant: string;
    readonly tapes: Written;
  }[];
};

const main = join(import.meta.dirname, "main.ts");
const atOnce = 2;

type Child = { readonly done: Promise<void>; readonly stop: () => void };

const childOf = (parameters: readonly string[], onLine: (line: string) => void): Child => {
  const child = spawn(process.execPath, [main, "--child", ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", onLine);
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", reject);
  child.once("close", (code, signal) =>
    code === 0 || signal !== null
      ? resolve()
      : reject(new Error(`A child ended with ${code}: ${parameters.join(" ")}`)),
  );
  return { done, stop: () => child.kill() };
};

/**
 * Runs this program with each of these lists of parameters, in processes of their own and two at a
 * time. What each says, line by line, goes to `onAnswer`; if that returns true, it is enough.
 * Resolves to all answers, those of one child after those of the one before it.
 */
export const childrenOf = async <Answer>(
  all: readonly (readonly string[])[],
  onAnswer: (index: number, answer: Answer) => boolean | undefined = () => undefined,
): Promise<readonly (readonly Answer[])[]> => {
  const answers: Answer[][] = all.map(() => []);
  const waiting = [...all.entries()];
  const running = new Set<Child>();
  const serve = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, parameters] = next;
      const child = childOf(parameters, (line) => {
        const answer = JSON.parse(line) as Answer;
        answers[index]?.push(answer);
        if (onAnswer(index, answer) !== true) return;
        waiting.length = 0;
        for (const each of running) each.stop();
      });
      running.add(child);
      await child.done;
      running.delete(child);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, serve));
  return answers;
};
