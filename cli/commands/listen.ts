import { once } from "node:events";
import { Command } from "commander";
import { styled } from "../../adapters/styled.ts";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import type { ListenEvent } from "../listen/delivery.ts";
import { type Listener, openListener } from "../listen/listener.ts";
import { listenOptions, playOf } from "../listen/options.ts";
import { tally } from "../listen/tally.ts";
import { eventJson, eventLines } from "../listen/words.ts";
import { commonOf, parseOptions } from "../options.ts";
import { findSigning, type Signing, secretFlag } from "../signing-secret.ts";

/** Says at the start where the listener is, what it checks, and how to send something to it. */
const greet = (io: Io, url: string, signing: Signing | undefined): void => {
  io.err([
    styled("bold", `Listening on ${url}`),
    ", which only this machine reaches. Ctrl-C stops.",
  ]);
  io.err(
    signing
      ? `Signatures are verified with the secret of ${signing.from}.`
      : styled("yellow", "Signatures are not checked: set POSTRIDER_SIGNING_SECRET."),
  );
  io.err("Send something to it from another terminal:");
  io.err(`  postrider send ${url}/hook --body '{"hello":"world"}' --wait`);
};

const portFault = (error: NodeJS.ErrnoException, port: number): unknown => {
  const what: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use.`,
    EACCES: `Port ${port} is not yours to use.`,
  };
  const said = what[error.code ?? ""];
  return said === undefined
    ? error
    : new Failed({
        ...{ kind: "notDone", what: said },
        next: "Choose another with --port; --port 0 takes any that is free.",
      });
};

const act = async (io: Io, command: Command): Promise<void> => {
  const asked = parseOptions(command, listenOptions);
  const { json: isJson, ...common } = commonOf(command);
  const signing = await findSigning(io.environment, command, { ...common, secret: asked.secret });
  const counts = tally();
  const tell = async (event: ListenEvent): Promise<void> => {
    counts.note(event);
    const lines = isJson ? [eventJson(event)] : eventLines(event);
    // A reader who is slow is waited for: what comes may be more than memory holds.
    for (const line of lines) if (!io.out(line)) await io.drained();
  };
  const sleep = (ms: number) => io.sleep(ms, io.interrupted);
  let listener: Listener;
  try {
    listener = await openListener(
      { clock: io.now, sleep, onEvent: tell },
      {
        ...{ port: asked.port, secrets: signing?.secrets ?? [], play: playOf(asked) },
        showsBody: asked.showBody ?? false,
      },
    );
  } catch (error) {
    throw portFault(error as NodeJS.ErrnoException, asked.port);
  }
  if (isJson) io.out(JSON.stringify({ kind: "listening", url: listener.url }));
  else greet(io, listener.url, signing);
  if (!io.interrupted.aborted) await once(io.interrupted, "abort");
  await listener.close();
  if (!isJson) io.err(counts.inWords());
};

export const listen = (io: Io): Command =>
  new Command("listen")
    .summary("receive deliveries, verify and show them")
    .description(
      "Receives deliveries on this machine, verifies their signatures and shows them. A delivery that does not verify is answered 401, any other 204. The options make it a bad receiver, to see what Postrider does then.",
    )
    .option("--port <n>", "the port on 127.0.0.1; 0 takes any that is free (4000)")
    .option(...secretFlag, (text: string, all: readonly string[] = []) => [...all, text])
    .option("--status <code>", "answer with this status")
    .option("--delay <duration>", "wait before answering, such as 2s")
    .option("--drop", "close the connection without an answer")
    .option("--slow", "answer byte by byte, longer than an attempt may take")
    .option(
      "--status-for <n>",
      "treat only the first n requests of each message so, and accept those after them",
    )
    .option("--show-body", "show the beginning of each body")
    .addHelpText(
      "after",
      examples(
        "postrider listen",
        "postrider listen --status 503 --status-for 3",
        "postrider listen --port 4001 --delay 20s --show-body",
      ),
    )
    .action((_options: object, command: Command) => act(io, command));
