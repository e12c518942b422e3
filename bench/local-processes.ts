import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { environment } from "../adapters/environment.ts";
import type { Result, Round, Template } from "./local-load.ts";

/** What is measured: a local edition of some checkout, or something else that delivers messages. */
export type RunningEdition = {
  readonly name: string;
  readonly template: Template;
  /** The CPU time of its processes so far, user and system, in seconds. */
  readonly cpuSeconds: () => number;
  readonly residentMiB: () => number;
  readonly stop: () => Promise<void>;
};

/** Linux counts CPU time in hundredths of a second. */
const ticksPerSecond = 100;

const cpuSecondsOf = (pid: number): number => {
  const file = `/proc/${pid}/stat`;
  if (existsSync(file)) {
    // After the name in parentheses: the state is the third field, user and system the 14th and 15th.
    const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }
  const text = execFileSync("ps", ["-o", "time=", "-p", String(pid)], { encoding: "utf8" });
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
};

const residentMiBOf = (pid: number): number =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;

const nodeOf = (checkout: string): string => join(checkout, "node_modules/.bin/node");

/** What `npm start` of a checkout gives to Node. */
const startOf = (checkout: string): readonly string[] => {
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  return scripts.start.replace(/^exec node /, "").split(" ");
};

/** What a local edition writes down for whoever wants to send something. */
type Access = { readonly url: string; readonly apiKey: string; readonly senderId: string };

const templateOf = ({ url, apiKey, senderId }: Access): Template => ({
  url: `${url}/v1/messages`,
  headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
  body: `{"messageId":"{id}","senderId":"${senderId}","timestamp":"{time}","targetUrl":"{target}","body":{"text":"{text}"}}`,
});

const sumOver = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + of(pid), 0);

/** Something else that delivers messages: it runs already, in these processes. */
export const peerOf = (template: Template, pids: readonly number[]): RunningEdition => ({
  ...{ name: "peer", template, stop: async () => {} },
  cpuSeconds: () => sumOver(pids, cpuSecondsOf),
  residentMiB: () => sumOver(pids, residentMiBOf),
});

/** Starts the edition of a checkout over a data directory that ends with it. */
export const startEditionOf = async (name: string, checkout: string): Promise<RunningEdition> => {
  const dataDir = await mkdtemp(join(tmpdir(), "postrider-bench-"));
  const child = spawn(nodeOf(checkout), startOf(checkout), {
    cwd: checkout,
    env: {
      ...{ PATH: environment()["PATH"], PORT: "0" },
      ...{ POSTRIDER_DATA_DIR: dataDir, POSTRIDER_LOG: "json" },
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const facts = join(dataDir, "local.json");
  while (!existsSync(facts)) {
    if (child.exitCode !== null) throw new Error(`The edition of ${checkout} did not start`);
    await sleep(50);
  }
  await sleep(100);
  const pid = child.pid as number;
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  return {
    ...{ name, template: templateOf(JSON.parse(readFileSync(facts, "utf8"))), stop },
    cpuSeconds: () => cpuSecondsOf(pid),
    residentMiB: () => residentMiBOf(pid),
  };
};

/** Starts the process that submits, and receives on a port: 0 for a free one. */
export const startLoad = (port: number) => {
  const script = join(import.meta.dirname, "local-load.ts");
  const child: ChildProcess = spawn(process.execPath, [script, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();
  return {
    run: async (round: Round): Promise<Result> => {
      child.stdin?.write(`${JSON.stringify(round)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("The load has ended");
      return JSON.parse(value);
    },
    stop: () => child.stdin?.end(),
  };
};
