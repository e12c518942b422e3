import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll } from "@jest/globals";
import { compileCache } from "./compile-cache.ts";

const root = join(import.meta.dirname, "../..");

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), "postrider-local-"));

/** What a process said in the end: its exit code and all of its output. */
export type Ended = { readonly code: number | null; readonly output: string };

const running = new Set<ChildProcess>();

/** Ends what a test that failed has left running, for else jest would wait for it. */
export const killLeftovers = (): void => {
  for (const child of running) child.kill("SIGKILL");
};

const launch = (environment: Readonly<Record<string, string>>): ChildProcess => {
  const child = spawn(join(root, "node_modules/.bin/node"), ["local/main.ts"], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...compileCache, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
};

/** Runs the local edition until it ends by itself. */
export const runToEnd = async (environment: Readonly<Record<string, string>>): Promise<Ended> => {
  const child = launch(environment);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
};

/** Starts the local edition as `npm start` does, in a process of its own, and waits until it listens. */
export const startProcess = async (
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
) => {
  const child = launch({
    ...{ PORT: "0", POSTRIDER_DATA_DIR: dataDir, POSTRIDER_LOG: "json" },
    ...environment,
  });
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  child.stderr?.on("data", (chunk: Buffer) => lines.push(chunk.toString()));
  await new Promise<void>((listening, reject) => {
    output.on("line", (line) => {
      lines.push(line);
      if (line.includes("Listening on")) listening();
    });
    child.once("close", () => reject(new Error(`It did not start:\n${lines.join("\n")}`)));
  });

  const facts = JSON.parse(await readFile(join(dataDir, "local.json"), "utf8")) as {
    readonly url: string;
    readonly senderId: string;
    readonly apiKey: string;
    readonly signingSecret: string;
    readonly operatorKey: string;
    readonly pid: number;
  };
  const headers = {
    authorization: `Bearer ${facts.apiKey}`,
    "content-type": "application/json",
  };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await closed;
    return code;
  };
  return {
    ...facts,
    lines,
    submit: async (message: object) => {
      const body = JSON.stringify({
        ...{ senderId: facts.senderId, timestamp: new Date().toISOString() },
        ...message,
      });
      const answer = await fetch(`${facts.url}/v1/messages`, { method: "POST", headers, body });
      return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
    },
    get: async (path: string) => {
      const answer = await fetch(`${facts.url}/v1/messages/${path}`, { headers });
      // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests themselves.
      return (await answer.json()) as any;
    },
    /** Lets every further write to the log fail. */
    loseOutput: () => child.stdout?.destroy(),
    /** As Ctrl-C does; the exit code. */
    interrupt: () => end("SIGINT"),
    kill: () => end("SIGKILL"),
  };
};
export type EditionProcess = Awaited<ReturnType<typeof startProcess>>;

/**
 * Gives the tests of a file, or of a block, one edition with a data directory of its own. Both can
 * be used from their hooks on.
 */
export const useEdition = (
  environment: Readonly<Record<string, string>> = {},
): EditionProcess & { readonly dataDir: string } => {
  const edition = {} as EditionProcess & { readonly dataDir: string };
  beforeAll(async () => {
    const dataDir = await newDataDir();
    Object.assign(edition, { dataDir }, await startProcess(dataDir, environment));
  });
  afterAll(async () => {
    await edition.interrupt();
    await rm(edition.dataDir, { recursive: true });
  });
  afterAll(killLeftovers);
  return edition;
};

/**
 * Asks until the answer is the one wanted. Between two questions other work is done. The patience only
 * ends what hangs: a machine that is busy takes its time.
 */
export const until = async <Found>(
  ask: () => Promise<Found>,
  isWanted: (found: Found) => boolean,
  patienceMs = 5 * 60_000,
): Promise<Found> => {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (isWanted(found)) return found;
    if (performance.now() > end)
      throw new Error(`Still not what was waited for: ${JSON.stringify(found)}`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
};

/** Says whether a message is in a state, for `until`. */
export const isNow =
  (wanted: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any kind may lack a status.
  ({ status }: any): boolean =>
    status === wanted;
