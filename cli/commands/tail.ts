import { Command } from "commander";
import * as z from "zod";
import { type Line, styled } from "../../adapters/styled.ts";
import type { ListedMessage } from "../../client/answers.ts";
import { PostriderError } from "../../client/error.ts";
import { examples } from "../examples.ts";
import { changesOn, type Look } from "../follow.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import { statusStyle } from "../status-style.ts";
import { countOption } from "../time-option.ts";
import { type WithClient, withClient } from "../with-client.ts";

const everyMs = 1000;
const unansweredMs = 5000;
const linesDefault = 10;

const lineOf = (message: ListedMessage): Line => {
  const { messageId, status, attempts, attemptsAllowed, lastOutcome, failReason } = message;
  const last = lastOutcome?.status ?? lastOutcome?.class;
  return [
    styled("dim", `${message.updatedAt}  `),
    styled(statusStyle(status), status.padEnd(10)),
    `  ${messageId}  ${attempts}/${attemptsAllowed}`,
    last === undefined ? "" : `  ${last}`,
    failReason === undefined ? "" : `  ${failReason}`,
    styled("dim", `  ${message.targetUrl}`),
  ];
};

const print = (io: Io, isJson: boolean | undefined, { changes, isComplete }: Look): void => {
  if (!isComplete) io.err("More messages changed than could be read: some are left out.");
  for (const message of changes) io.out(isJson ? JSON.stringify(message) : lineOf(message));
};

const follow = async (io: Io, command: Command, { client, stoppable }: WithClient) => {
  const shape = z.object({
    lines: countOption(0, 100).default(linesDefault),
    target: z.string().optional(),
  });
  const { lines, target } = parseOptions(command, shape);
  const look = changesOn({ client, stoppable, target, now: io.now });
  let isFirst = true;
  while (!stoppable.signal.aborted) {
    let waitMs = everyMs;
    try {
      const seen = await look();
      const shown = isFirst
        ? { changes: lines === 0 ? [] : seen.changes.slice(-lines), isComplete: true }
        : seen;
      print(io, commonOf(command).json, shown);
      isFirst = false;
    } catch (error) {
      if (stoppable.signal.aborted) return;
      const status = error instanceof PostriderError ? (error.status ?? 503) : 0;
      // Whoever follows wants to see what comes after an outage, too. The first look must work.
      if (isFirst || status < 500) throw error;
      io.err("No answer. Trying again.");
      waitMs = unansweredMs;
    }
    await io.sleep(waitMs, stoppable.signal);
  }
};

export const tail = (io: Io): Command =>
  new Command("tail")
    .summary("follow what happens to messages")
    .description(
      "Prints a line for each change of the state of recent messages, until Ctrl-C. It asks each second, so states that a message has for less than that may not be seen. With --json an object a line.",
    )
    .option("--target <host>", "only messages to this host, or to a whole URL")
    .option("--lines <n>", `how many of the latest messages to begin with (${linesDefault})`)
    .addHelpText("after", examples("postrider tail", "postrider tail --target api.example.com"))
    .action((_options: object, command: Command) =>
      withClient(io, command, (given) => follow(io, command, given)),
    );
