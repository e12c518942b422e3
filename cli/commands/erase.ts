import { Command } from "commander";
import { examples } from "../examples.ts";
import { Failed } from "../failed.ts";
import type { Io } from "../io.ts";
import { steerOne } from "../steer.ts";

const confirmed = async (io: Io, messageId: string): Promise<void> => {
  if (!io.canAsk)
    throw new Failed({
      kind: "usage",
      what: "Nothing was erased: there is no terminal to ask for a confirmation.",
      next: "Add --yes to confirm.",
    });
  if (await io.confirm(`Erase the content of ${messageId}? It cannot be brought back.`)) return;
  throw new Failed({
    kind: "stopped",
    what: "Nothing was erased.",
    next: "The message was not changed.",
  });
};

export const erase = (io: Io): Command =>
  new Command("erase")
    .summary("erase the content of a message that has ended")
    .description(
      "Erases the body, the headers and the responses of a message that has ended. Its id stays known.",
    )
    .argument("<messageId>", "the id of the message")
    .option("--yes", "ask nothing")
    .addHelpText("after", examples("postrider erase order-7"))
    .action(async (messageId: string, { yes }: { readonly yes?: boolean }, command: Command) => {
      if (!yes) await confirmed(io, messageId);
      await steerOne(io, command, (client, options) => client.erase(messageId, options));
    });
