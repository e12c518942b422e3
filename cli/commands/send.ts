import { Command } from "commander";
import type { CallOptions } from "../../client/call.ts";
import { parseTraceContext, traceHeaders } from "../../domain/trace-context.ts";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { statusLine } from "../message-lines.ts";
import { commonOf, parseOptions } from "../options.ts";
import { bodyOf, type SendOptions, sendOptions } from "../send-options.ts";
import { show } from "../show.ts";
import { waitUntilEnded } from "../wait.ts";
import { withClient } from "../with-client.ts";

const noSender = new Failed({
  kind: "usage",
  what: "Nothing was sent. The sender is not known.",
  next: "Name it with --sender or POSTRIDER_SENDER, or keep it in the profile.",
});

/**
 * Returns the trace that a send belongs to: that of the option, which goes without any state, or that
 * of the environment (OpenTelemetry, "Environment variables as context propagation carriers").
 */
const traceOf = ({ environment }: Io, { traceparent }: SendOptions): CallOptions => {
  const { TRACEPARENT, TRACESTATE } = environment;
  const trace =
    traceparent === undefined
      ? parseTraceContext(TRACEPARENT, TRACESTATE)
      : parseTraceContext(traceparent);
  return trace ? traceHeaders(trace) : {};
};

const act = async (io: Io, command: Command): Promise<void> => {
  const asked = parseOptions(command, sendOptions(io.now()));
  const content = await bodyOf(io, asked);
  await withClient(io, command, async ({ client, connection, stoppable }) => {
    if (connection.senderId === undefined) throw noSender;
    const { targetUrl, id, method, deliverAt, giveUpAt, attempts, timeout } = asked;
    // Made here if none is given: the client repeats a request that got no answer under one id.
    const messageId = id ?? `cli-${io.token()}`;
    const trace = traceOf(io, asked);
    const sent = await client.send(
      {
        ...{ messageId, targetUrl, method, deliverAt, giveUpAt, timeoutMs: timeout },
        ...content,
        retry: attempts === undefined ? undefined : { maxAttempts: attempts },
      },
      { ...stoppable, ...trace },
    );
    const isJson = commonOf(command).json;
    const besides = sent.duplicate ? ", was sent before: nothing is delivered twice" : "";
    if (!asked.wait) show(io, isJson, sent, [statusLine(sent, besides)]);
    else if (!isJson) io.err(statusLine(sent, besides));
    if (asked.wait) await waitUntilEnded(io, { client, stoppable, isJson }, messageId);
    else if (!isJson) io.err(`postrider why ${messageId} says where it is.`);
  });
};

export const send = (io: Io): Command =>
  new Command("send")
    .summary("send a message")
    .description("Sends a message to a target. The same id again sends nothing twice.")
    .argument("<targetUrl>", "where to")
    .option("--body <text>", "the body: JSON is sent as JSON, anything else as text")
    .option("--body-file <file>", "a file with the body, sent byte for byte; - is standard input")
    .option("--id <id>", "the id of the message: what makes a repeat; by default a new one")
    .option("--method <method>", "DELETE, GET, PATCH, POST or PUT (POST)")
    .option(
      "--header <line>",
      "a header such as 'x-order: 7'; may be repeated",
      (line: string, all: readonly string[] = []) => [...all, line],
    )
    .option("--deliver-at <time>", "not before this time: RFC 3339, or such as 2h from now")
    .option("--give-up-at <time>", "nothing is sent after this time")
    .option("--attempts <n>", "how many attempts there may be")
    .option("--timeout <duration>", "how long one attempt may take, such as 5s")
    .option(
      "--traceparent <value>",
      "the trace that it belongs to (W3C); by default TRACEPARENT and TRACESTATE of the environment",
    )
    .option("--wait", "wait until it has ended, and show each attempt")
    .addHelpText(
      "after",
      examples(
        `postrider send https://api.example.com/hook --body '{"order":7}' --id order-7 --wait`,
        "postrider send https://api.example.com/hook --body-file - < order.json",
        "postrider send https://api.example.com/hook --header 'x-order: 7' --deliver-at 2h",
      ),
    )
    .action((_target: string, _options: object, command: Command) => act(io, command));
