import { Command } from "commander";
import { styled } from "../../adapters/styled.ts";
import type { Message } from "../../client/answers.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { membersOf } from "../members.ts";
import { commonOf } from "../options.ts";
import { show } from "../show.ts";
import { statusStyle } from "../status-style.ts";
import { withClient } from "../with-client.ts";

/** Returns the lines of a message for a person. */
export const messageLines = (message: Message) => {
  const { messageId, status, why, attempts, attemptsAllowed, headers } = message;
  return [
    [styled("bold", messageId), "  ", styled(statusStyle(status), status)],
    why,
    ...membersOf({
      target: `${message.method} ${message.targetUrl}`,
      attempts: `${attempts} of ${attemptsAllowed}`,
      replays: message.replays || undefined,
      submitted: message.createdAt,
      "next attempt": message.notBefore,
      "cancel asked": message.cancelRequestedAt,
      completed: message.completedAt,
      failed: message.failedAt,
      cancelled: message.cancelledAt,
      erased: message.erasedAt,
      "kept until": message.expiresAt,
      headers: headers
        ? Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}`)
            .join("; ")
        : undefined,
    }),
  ];
};

export const get = (io: Io): Command =>
  new Command("get")
    .summary("show a message")
    .description("Shows where a message is. Its body is never shown.")
    .argument("<messageId>", "the id of the message")
    .addHelpText("after", examples("postrider get order-1", "postrider get order-1 --json"))
    .action((messageId: string, _, command: Command) =>
      withClient(io, command, async ({ client, stoppable }) => {
        const message = await client.get(messageId, stoppable);
        show(io, commonOf(command).json, message, messageLines(message));
      }),
    );
