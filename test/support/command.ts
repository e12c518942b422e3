import { setTimeout as later } from "node:timers/promises";
import { type Line, rendered } from "../../adapters/styled.ts";
import type { ExitCode } from "../../cli/exit-code.ts";
import type { Io } from "../../cli/io.ts";
import { run } from "../../cli/run.ts";
import type { Service } from "./service.ts";

/** No two commands of a file have the same token. */
let tokens = 0;

/** What a command printed, and how it ended. */
export type Ran = { readonly code: ExitCode; readonly out: string; readonly err: string };

export type CommandOptions = Partial<Io> & {
  /** What is on standard input. */
  readonly input?: string;
};

/** The address at which commands of tests find a service. */
export const serviceUrl = "https://postrider.example.com";

/** Returns a `fetch` that asks a service in this process. */
export const fetchOf =
  ({ api }: Pick<Service, "api">): Io["fetch"] =>
  async (url, { signal: _, ...init }) =>
    api.request(url.replace(serviceUrl, ""), init);

/**
 * Runs `postrider` with these arguments in this process, by default in an empty environment, without
 * a terminal, and with no network. Its time passes at once.
 */
export const command = async (
  args: readonly string[],
  { input = "", ...overrides }: CommandOptions = {},
): Promise<Ran> => {
  const out: string[] = [];
  const err: string[] = [];
  const isColoured = false;
  const print = (lines: string[]) => (line: Line) => {
    lines.push(`${rendered(line, isColoured)}\n`);
    return true;
  };
  const code = await run({
    args,
    environment: {},
    out: print(out),
    outBytes: (bytes) => out.push(Buffer.from(bytes).toString("latin1")),
    drained: async () => {},
    err: print(err),
    progress: () => {},
    isTerminal: false,
    canAsk: false,
    confirm: () => Promise.reject(new Error("Nobody can be asked")),
    askSecret: () => Promise.reject(new Error("Nobody can be asked")),
    runScript: () => Promise.reject(new Error("This test runs no script")),
    openPage: () => {},
    columns: 80,
    readInput: async () => Buffer.from(input),
    interrupted: new AbortController().signal,
    token: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
    fetch: () => Promise.reject(new Error("There is no network in this test")),
    now: () => Date.parse("2026-03-01T12:00:00Z"),
    random: () => 0.5,
    sleep: async () => {
      await later(0);
    },
    ...overrides,
  });
  return { code, out: out.join(""), err: err.join("") };
};

/** Returns a function that runs commands with a service in this process, as the sender `shop`. */
export const commandOn =
  (service: Service) =>
  (args: readonly string[], options: CommandOptions = {}): Promise<Ran> =>
    command(args, {
      fetch: fetchOf(service),
      now: service.now,
      ...options,
      environment: {
        POSTRIDER_URL: serviceUrl,
        POSTRIDER_KEY: service.apiKey,
        POSTRIDER_SENDER: "shop",
        ...options.environment,
      },
    });
