import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../adapters/clock.ts";
import { type ExecutionEnvironment, type Invocation, startEnvironment } from "./runtime-api.ts";

/**
 * A function as Lambda runs it: in one process that is started when there is something to do, takes
 * one event at a time, is killed when an event takes longer than the time-out, and is replaced if
 * it is gone.
 */
export type LambdaFunction = {
  /** Has a process run and poll; milliseconds from its spawn to its first poll. */
  readonly warmUp: () => Promise<number>;
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** Has the process hang in the middle of whatever it does. */
  readonly freeze: () => void;
  /** Kills the process, likewise. */
  readonly crash: () => Promise<void>;
  /** How many processes there have been. */
  readonly starts: () => number;
  /** All that they wrote. */
  readonly output: () => string;
};

/** By what a bundle is run: our loop, or the runtime client of AWS in the folder it is installed in. */
export type Runtime =
  | { readonly kind: "plain-loop" }
  | { readonly kind: "aws-lambda-ric"; readonly folder: string };

const programOf = (runtime: Runtime): string =>
  runtime.kind === "plain-loop"
    ? join(import.meta.dirname, "bootstrap.mjs")
    : join(runtime.folder, "node_modules/aws-lambda-ric/index.mjs");

/** A function of a bundle, its environment and its time-out. Nothing runs until it is invoked. */
export const lambdaFunction = ({
  file,
  environment,
  timeoutMs,
  runtime = { kind: "plain-loop" },
}: {
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly runtime?: Runtime;
}): LambdaFunction => {
  let current: ExecutionEnvironment | undefined;
  let starts = 0;
  let output = "";
  let queue: Promise<unknown> = Promise.resolve();

  const running = async (): Promise<ExecutionEnvironment> => {
    if (current) return current;
    starts += 1;
    const onOutput = (chunk: string): void => {
      output += chunk;
    };
    current = await startEnvironment({
      program: programOf(runtime),
      environment: {
        ...{ LAMBDA_TASK_ROOT: dirname(file), _HANDLER: "index.handler" },
        ...environment,
      },
      onOutput,
    });
    return current;
  };

  const invokeOnce = async (event: unknown): Promise<Invocation> => {
    const process = await running();
    await process.started;
    const done = new AbortController();
    const deadline = sleep(timeoutMs, { kind: "timed-out" } as const, { signal: done.signal });
    const outcome = await Promise.race([
      process.invoke(event, systemClock() + timeoutMs),
      deadline.catch(() => ({ kind: "exited" }) as const),
    ]);
    done.abort();
    if (outcome.kind === "answered" || outcome.kind === "failed") return outcome;
    await process.kill();
    if (current === process) current = undefined;
    return outcome;
  };

  return {
    warmUp: async () => {
      const process = await running();
      if (!(await process.started)) throw new Error(`It did not start:\n${output}`);
      return process.startMs();
    },
    invoke: (event) => {
      const invocation = queue.then(() => invokeOnce(event));
      queue = invocation.catch(() => {});
      return invocation;
    },
    freeze: () => current?.freeze(),
    crash: async () => {
      const process = current;
      current = undefined;
      await process?.kill();
    },
    starts: () => starts,
    output: () => output,
  };
};
