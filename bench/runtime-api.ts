import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

/** What a runtime says of an error. */
export type RuntimeError = { readonly errorType: string; readonly errorMessage: string };

/** What became of an event. */
export type Invocation =
  | { readonly kind: "answered"; readonly answer: unknown }
  | { readonly kind: "failed"; readonly error: RuntimeError }
  /** The process said that it cannot start, or ended before it had asked for an event. */
  | { readonly kind: "not-started"; readonly error?: RuntimeError }
  | { readonly kind: "exited" }
  | { readonly kind: "timed-out" };

/** A process that serves events, and the Runtime API that it polls for them. */
export type ExecutionEnvironment = {
  /** True when it polls for its first event; false if it ended before. */
  readonly started: Promise<boolean>;
  /** Milliseconds from the spawn to the first poll, once it has started. */
  readonly startMs: () => number;
  /** Hands it an event, and tells it until when (epoch milliseconds) it has time. */
  readonly invoke: (event: unknown, deadlineAt: number) => Promise<Invocation>;
  /** Stops it from doing anything, and lets nobody know. */
  readonly freeze: () => void;
  /** Kills it, as it is, and resolves when it is gone. */
  readonly kill: () => Promise<void>;
};

/** What is run: a file for Node, its environment and where its output goes. */
export type Program = {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onOutput?: (chunk: string) => void;
};

const arn = "arn:aws:lambda:us-east-1:123456789012:function:postrider";
const routes = /^\/2018-06-01\/runtime\/(?:(init)|invocation\/([\w-]+))\/?(\w*)$/;

/**
 * Starts a process with a Runtime API of its own, on loopback: `next`, `response`, `error` and
 * `init/error`, as https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html has them.
 */
export const startEnvironment = async (given: Program): Promise<ExecutionEnvironment> => {
  let polling = Promise.withResolvers<ServerResponse>();
  let answered = Promise.withResolvers<Invocation>();
  let initError: RuntimeError | undefined;
  let invocations = 0;

  const server = createServer(async (request, response) => {
    const [, init, id, what] = routes.exec(request.url ?? "") ?? [];
    if (id === "next") return polling.resolve(response);
    const body = await text(request);
    const isCurrent = init !== undefined || id === `invocation-${invocations}`;
    response.writeHead(isCurrent ? 202 : 403).end();
    if (!isCurrent) return;
    if (init) initError = JSON.parse(body);
    else if (what === "error") answered.resolve({ kind: "failed", error: JSON.parse(body) });
    else answered.resolve({ kind: "answered", answer: JSON.parse(body) });
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await once(server.listen(0, "127.0.0.1").unref(), "listening");

  const spawnedAt = performance.now();
  const child = launch(given, `127.0.0.1:${(server.address() as AddressInfo).port}`);
  const closed = once(child, "close").then(() => {
    server.closeAllConnections();
    server.close();
  });
  let startMs = Number.NaN;
  const started = Promise.race([
    polling.promise.then(() => {
      startMs = performance.now() - spawnedAt;
      return true;
    }),
    closed.then(() => false),
  ]);

  const invoke = async (event: unknown, deadlineAt: number): Promise<Invocation> => {
    if (!(await started)) return { kind: "not-started", error: initError };
    const poll = await Promise.race([polling.promise, closed]);
    if (!poll) return { kind: "exited" };
    polling = Promise.withResolvers();
    answered = Promise.withResolvers();
    invocations += 1;
    poll.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": `invocation-${invocations}`,
      "lambda-runtime-deadline-ms": String(deadlineAt),
      "lambda-runtime-invoked-function-arn": arn,
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    poll.end(JSON.stringify(event));
    return Promise.race([answered.promise, closed.then(() => ({ kind: "exited" as const }))]);
  };
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return closed;
  };
  const freeze = (): void => {
    child.kill("SIGSTOP");
  };
  return { started, startMs: () => startMs, invoke, freeze, kill };
};

const launch = ({ program, environment, onOutput }: Program, runtimeApi: string) => {
  const child = spawn(process.execPath, [program], {
    env: {
      AWS_LAMBDA_RUNTIME_API: runtimeApi,
      AWS_LAMBDA_FUNCTION_NAME: "postrider",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/postrider",
      AWS_LAMBDA_LOG_STREAM_NAME: "1",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => onOutput?.(chunk.toString()));
  return child;
};
