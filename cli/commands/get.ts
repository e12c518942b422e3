import { Command } from "commander";
import { styled } from "../../adapters/styled.ts";
import type { Attempt, Message } from "../../client/answers.ts";
import { toBase64 } from "../../client/base64.ts";
import { attemptPieces } from "../attempt-line.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { messageLines } from "../message-lines.ts";
import { commonOf } from "../options.ts";
import { show } from "../show.ts";
import { type WithClient, withClient } from "../with-client.ts";

/** So many of the latest attempts are shown: a message that is replayed again and again has thousands. */
const attemptsMax = 10;

const linesOf = (message: Message, attempts: readonly Attempt[]) => {
  const earlier = attempts.length - attemptsMax;
  return [
    ...messageLines(message),
    ...(earlier > 0 ? [styled("dim", `${earlier} earlier attempts: see postrider why`)] : []),
    ...attempts.slice(-attemptsMax).map(attemptPieces),
  ];
};

/** Prints the body byte for byte, so that it can be saved; on a terminal without what that obeys. */
const showBody = async (
  io: Io,
  { client, stoppable }: WithClient,
  messageId: string,
  isJson: boolean | undefined,
): Promise<void> => {
  const body = await client.body(messageId, stoppable);
  if (isJson) io.out(JSON.stringify({ messageId, bodyBase64: body && toBase64(body) }));
  else if (body === undefined) io.err("The message has no body.");
  else if (io.isTerminal)
    for (const line of new TextDecoder().decode(body).split("\n")) io.out(line);
  else io.outBytes(body);
};

export const get = (io: Io): Command =>
  new Command("get")
    .summary("show a message and its attempts, or its body")
    .description(
      "Shows where a message is, and its latest attempts. With --body its body instead, byte for byte; with --json as `bodyBase64`.",
    )
    .argument("<messageId>", "the id of the message")
    .option("--body", "print the body instead")
    .addHelpText(
      "after",
      examples(
        "postrider get order-7",
        "postrider get order-7 --json",
        "postrider get order-7 --body > order.json",
      ),
    )
    .action((messageId: string, { body }: { body?: true }, command: Command) =>
      withClient(io, command, async (given) => {
        const isJson = commonOf(command).json;
        if (body) return showBody(io, given, messageId, isJson);
        const { client, stoppable } = given;
        const message = await client.get(messageId, stoppable);
        const hasAttempts = !isJson && message.attempts > 0;
        const attempts = hasAttempts ? await client.attempts(messageId, stoppable) : [];
        show(io, isJson, message, linesOf(message, attempts));
      }),
    );
