/** `postrider`: the command, in a process of its own. */
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { systemChance } from "../adapters/chance.ts";
import { environment } from "../adapters/environment.ts";
import { hasColours } from "../adapters/styled.ts";
import { bytesPrinter, endOnUncaught, linePrinter, showProgress } from "../adapters/terminal.ts";
import { systemOutside } from "../client/outside.ts";
import { exitCodes } from "./exit-code.ts";
import type { Io } from "./io.ts";
import { openPage, runScript } from "./processes.ts";
import { run } from "./run.ts";

const { stdin, stdout, stderr } = process;

// A reader that is gone, such as head, has what it wanted.
stdout.on("error", () => process.exit(exitCodes.done.code));
stderr.on("error", () => {});

const interrupt = new AbortController();
process.on("SIGINT", () => {
  if (interrupt.signal.aborted) process.exit(exitCodes.stopped.code);
  interrupt.abort();
});

/** Asked for when it is needed: most commands ask nothing. */
const confirm: Io["confirm"] = async (message) => {
  const { confirm: ask, isCancel } = await import("@clack/prompts");
  const answer = await ask({ message, initialValue: false, output: stderr });
  return isCancel(answer) ? undefined : answer;
};

const askSecret: Io["askSecret"] = async (message) => {
  const { isCancel, password } = await import("@clack/prompts");
  const answer = await password({ message, output: stderr });
  return isCancel(answer) ? undefined : answer;
};

const errorLine = linePrinter(stderr, hasColours(stderr, environment()));

const io: Io = {
  ...systemOutside,
  args: process.argv.slice(2),
  environment: environment(),
  out: linePrinter(stdout, hasColours(stdout, environment())),
  outBytes: bytesPrinter(stdout),
  drained: async () => {
    await once(stdout, "drain");
  },
  err: (line) => {
    errorLine(line);
  },
  progress: (text) => {
    // A line that wraps could not be written over.
    if (stderr.isTTY) showProgress(stderr, text.slice(0, (stderr.columns || 80) - 1));
  },
  isTerminal: stdout.isTTY,
  canAsk: stdin.isTTY && stderr.isTTY,
  confirm,
  askSecret,
  columns: stdout.columns ?? 80,
  readInput: () => buffer(stdin),
  interrupted: interrupt.signal,
  runScript,
  openPage,
  token: systemChance.token,
};

endOnUncaught(exitCodes.notDone.code);
process.exitCode = await run(io);
