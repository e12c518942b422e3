import { Command } from "commander";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { messageLines } from "../message-lines.ts";
import { commonOf } from "../options.ts";
import { show } from "../show.ts";
import { withClient } from "../with-client.ts";

export const get = (io: Io): Command =>
  new Command("get")
    .summary("show a message")
    .description("Shows where a message is. Its body is never shown.")
    .argument("<messageId>", "the id of the message")
    .addHelpText("after", examples("postrider get order-7", "postrider get order-7 --json"))
    .action((messageId: string, _options: object, command: Command) =>
      withClient(io, command, async ({ client, stoppable }) => {
        const message = await client.get(messageId, stoppable);
        show(io, commonOf(command).json, message, messageLines(message));
      }),
    );
