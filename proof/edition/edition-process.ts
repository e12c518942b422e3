import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { plainEnvironment, startChild } from "./children.ts";

/** One line of the edition's log, as far as a run reads it. */
export type LogLine = {
  readonly level?: string;
  readonly message?: string;
  readonly senderId?: string;
  readonly messageId?: string;
  readonly attempt?: number;
  readonly transitions?: readonly { readonly to: string }[];
  readonly [field: string]: unknown;
};

export type EditionOptions = {
  /** Where the files of the product are. */
  readonly home: string;
  readonly dataDir: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly onLine: (line: LogLine) => void;
  /** What is started, where it is not what `npm start` starts. */
  readonly command?: string;
};

export type EditionProcess = {
  readonly pid: number;
  /** Resolves when it listens; rejects if it ends before. */
  readonly listening: Promise<void>;
  /** Resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** As Ctrl-C does; rejects if it does not end well. */
  readonly stop: () => Promise<void>;
};

/** A port of the loopback interface that nobody has, so that a restart can have it again. */
export const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};

const startScript = async (home: string): Promise<string> => {
  const { scripts } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as {
    readonly scripts: { readonly start: string };
  };
  return scripts.start;
};

const parsed = (line: string): LogLine => {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: "OUTPUT", message: line };
  }
};

/**
 * Starts the local edition as npm does: the `start` script by a shell that it replaces, with the
 * programs of `node_modules/.bin` first. So the process that is killed is the edition itself.
 */
export const launchEdition = async (options: EditionOptions): Promise<EditionProcess> => {
  const { home, dataDir, port, settings, onLine } = options;
  const command = options.command ?? (await startScript(home));
  const { PATH, ...others } = plainEnvironment();
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  const last: string[] = [];
  const child = startChild("sh", ["-c", command], {
    cwd: home,
    env: {
      ...others,
      PATH: `${join(home, "node_modules/.bin")}:${PATH}`,
      ...{ PORT: String(port), POSTRIDER_DATA_DIR: dataDir, POSTRIDER_LOG: "json" },
      ...settings,
    },
    onLine: (text) => {
      last.push(text);
      last.splice(0, last.length - 20);
      const line = parsed(text);
      if (String(line["text"]).startsWith("Listening on")) resolve();
      onLine(line);
    },
  });
  child.ended.then(() => reject(new Error(`The edition ended:\n${last.join("\n")}`)));
  // Whoever kills it before it listens does not wait for it.
  listening.catch(() => {});
  const end = async (signal: NodeJS.Signals) => {
    child.process.kill(signal);
    return child.ended;
  };
  return {
    pid: child.process.pid ?? 0,
    listening,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: async () => {
      const code = await end("SIGINT");
      if (code !== 0) throw new Error(`The edition stopped with ${code}:\n${last.join("\n")}`);
    },
  };
};
