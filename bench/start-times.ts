import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "../adapters/clock.ts";
import type { FunctionName } from "../adapters/read-settings.ts";
import type { Deployment } from "./deployment.ts";
import { httpEvent } from "./http-event.ts";
import { type LambdaFunction, lambdaFunction, type Runtime } from "./lambda-function.ts";

const run = promisify(execFile);

/** What an import takes. The processor's time suffers less from what else runs on the machine. */
export type ImportTimes = { readonly wallMs: number; readonly processorMs: number };

/** What the import of a bundle takes in a new process, its secret read from this machine included. */
export const importTimes = async (
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<ImportTimes> => {
  const program = join(import.meta.dirname, "import-time.mjs");
  const { stdout } = await run(process.execPath, [program, file], { env: environment });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
};

/** One start of each function, and what it did then; milliseconds. */
export type StartTimes = {
  readonly firstPoll: number;
  readonly firstInvoke: number;
  readonly warmInvokes: readonly number[];
  /**
   * Of the API: the first request for a route that it is not started with, and the next one. They list
   * jobs, which is the first use of ElectroDB too.
   */
  readonly others: readonly number[];
};

/** What the functions are called with: messages are submitted, and then delivered to a target here. */
export const openWork = async ({ sender: { senderId, apiKey } }: Deployment) => {
  const target = createServer((request, response) => {
    request.resume().once("end", () => response.end());
  }).unref();
  await new Promise<void>((listening) => target.listen(0, "127.0.0.1", listening));
  const targetUrl = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  const submitted: string[] = [];

  const attributes = { ApproximateReceiveCount: "1", SentTimestamp: "0" };
  const recordsOf = (messageId: string) => {
    const body = JSON.stringify({ v: 1, senderId, messageId, attempt: 1 });
    return { Records: [{ messageId: "record-1", body, attributes, eventSource: "aws:sqs" }] };
  };
  const submit = () => {
    const messageId = `message-${submitted.length + 1}`;
    submitted.push(messageId);
    const timestamp = new Date(systemClock()).toISOString();
    const body = JSON.stringify({ senderId, messageId, timestamp, targetUrl, body: { order: 1 } });
    return httpEvent("POST", "/v1/messages", { apiKey, body });
  };
  let delivered = 0;
  const deliver = () => {
    delivered += 1;
    return recordsOf(`message-${delivered}`);
  };
  const events: Readonly<Record<FunctionName, () => unknown>> = {
    api: submit,
    worker: deliver,
    dispatcher: () => ({}),
    deadLetter: () => recordsOf("dead"),
  };
  const close = (): void => {
    target.closeAllConnections();
    target.close();
  };
  const list = () => httpEvent("GET", "/v1/jobs", { apiKey });
  return { eventFor: (name: FunctionName) => events[name](), list, close };
};
export type Work = Awaited<ReturnType<typeof openWork>>;

const timed = async (one: LambdaFunction, event: unknown): Promise<number> => {
  const before = performance.now();
  const invocation = await one.invoke(event);
  const took = performance.now() - before;
  const text = JSON.stringify(invocation);
  const isFine =
    /^\{"kind":"answered"/.test(text) && !/"statusCode":[45]|itemIdentifier/.test(text);
  if (!isFine) throw new Error(`${text}\n${one.output()}`);
  return took;
};

/** Starts a function in a new process, has it do some work, and ends it. */
export const startOnce = async (
  given: { readonly name: FunctionName; readonly file: string; readonly runtime: Runtime },
  { environmentOf }: Deployment,
  work: Work,
  warmInvokes: number,
): Promise<StartTimes> => {
  const { name, file, runtime } = given;
  const one = lambdaFunction({
    file,
    runtime,
    environment: environmentOf(name),
    timeoutMs: 60_000,
  });
  try {
    const firstPoll = await one.warmUp();
    const firstInvoke = await timed(one, work.eventFor(name));
    const warm: number[] = [];
    for (let count = 0; count < warmInvokes; count += 1)
      warm.push(await timed(one, work.eventFor(name)));
    const others: number[] = [];
    for (let count = 0; name === "api" && count < 2; count += 1)
      others.push(await timed(one, work.list()));
    return { firstPoll, firstInvoke, warmInvokes: warm, others };
  } finally {
    await one.crash();
  }
};
