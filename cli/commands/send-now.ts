import { Command } from "commander";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { steerOne } from "../steer.ts";

export const sendNow = (io: Io): Command =>
  new Command("send-now")
    .summary("make the next attempt of a waiting message at once")
    .description("Makes the next attempt of a waiting message at once, instead of at its time.")
    .argument("<messageId>", "the id of the message")
    .addHelpText("after", examples("postrider send-now order-7"))
    .action((messageId: string, _options: object, command: Command) =>
      steerOne(io, command, (client, options) => client.sendNow(messageId, options)),
    );
