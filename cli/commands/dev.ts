import { Command } from "commander";
import * as z from "zod";
import { dataDirOf } from "../connection.ts";
import { dashboardOf } from "../dashboard.ts";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { findLocalEdition, type Running } from "../local-edition.ts";
import { commonOf, parseOptions } from "../options.ts";
import { countOption } from "../time-option.ts";

const everyMs = 250;

/** Waits until an edition runs with a data directory. Returns `undefined` if the signal is aborted. */
const untilRunning = async (
  io: Io,
  dataDir: string,
  signal: AbortSignal,
): Promise<Running | undefined> => {
  while (!signal.aborted) {
    const found = await findLocalEdition(dataDir);
    if (found.kind === "running") return found;
    await io.sleep(everyMs, signal);
  }
  return undefined;
};

const notInPackage = new Failed({
  kind: "usage",
  what: "The package does not have the local edition: it needs the engines of a checkout.",
  next: "Clone the repository, run npm ci there, and then npx postrider dev.",
});

const notEnded = (code: number): Failed =>
  new Failed({
    kind: code === 2 ? "usage" : "notDone",
    what: `The local edition ended with ${code}.`,
    next: "What it printed says why.",
  });

const act = async (io: Io, command: Command): Promise<void> => {
  const shape = z.object({ port: countOption(0, 65_535).optional(), open: z.boolean() });
  const { port, open } = parseOptions(command, shape);
  const dataDir = dataDirOf(io.environment, commonOf(command));
  const isOpened = open && io.isTerminal;

  const there = await findLocalEdition(dataDir);
  if (there.kind === "running") {
    io.err(`The local edition is running already: ${there.profile.url}`);
    if (isOpened) io.openPage(dashboardOf(there, { isNew: false }));
    return;
  }
  const ended = new AbortController();
  const opening = isOpened
    ? untilRunning(io, dataDir, ended.signal).then((found) => {
        if (found) io.openPage(dashboardOf(found, { isNew: true }));
      })
    : Promise.resolve();
  const variables = {
    POSTRIDER_DATA_DIR: dataDir,
    ...(port !== undefined && { PORT: String(port) }),
  };
  const code = await io.runScript("local/main.ts", [], variables);
  ended.abort();
  await opening;
  if (code === undefined) throw notInPackage;
  if (code !== 0) throw notEnded(code);
};

export const dev = (io: Io): Command =>
  new Command("dev")
    .summary("run the local edition, and open its dashboard")
    .description(
      "Runs the local edition, as npm start does, and opens its dashboard in the browser. Ctrl-C stops it.",
    )
    .option("--port <n>", "the port (PORT, 8787); 0 takes any that is free")
    .option("--no-open", "do not open the dashboard")
    .addHelpText("after", examples("postrider dev", "postrider dev --port 0 --data-dir /tmp/try"))
    .action((_options: object, command: Command) => act(io, command));
