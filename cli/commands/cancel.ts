import { Command } from "commander";
import * as z from "zod";
import { bulk } from "../bulk.ts";
import { bulkShape, oneOrMany, withBulk } from "../bulk-options.ts";
import { examples } from "../examples.ts";
import { filterIn } from "../filter-options.ts";
import type { Io } from "../io.ts";
import { parseOptions } from "../options.ts";
import { steerOne } from "../steer.ts";

const act = async (io: Io, command: Command): Promise<void> => {
  const schema = z.object(bulkShape(io.now())).check(oneOrMany([], []));
  const { messageId, rate, ...asked } = parseOptions(command, schema);
  if (messageId !== undefined)
    return steerOne(io, command, (client, options) => client.cancel(messageId, options));
  const job = { action: "cancel", filter: filterIn(asked), ratePerSecond: rate } as const;
  return bulk(io, command, job, asked);
};

export const cancel = (io: Io): Command =>
  withBulk(
    new Command("cancel")
      .summary("cancel a message, or all that match")
      .description(
        "Cancels a message that has not ended, or every message that matches, by a job. An attempt that is being made is not interrupted. CANCELLED does not mean that the target got nothing.",
      ),
  )
    .addHelpText(
      "after",
      examples(
        "postrider cancel order-7",
        "postrider cancel --status unfinished --target api.example.com --plan",
      ),
    )
    .action((_messageId: string | undefined, _options: object, command: Command) =>
      act(io, command),
    );
