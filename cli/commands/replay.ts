import { Command } from "commander";
import * as z from "zod";
import { limits } from "../../domain/limits.ts";
import { bulk } from "../bulk.ts";
import { bulkShape, oneOrMany, withBulk } from "../bulk-options.ts";
import { examples } from "../examples.ts";
import { filterIn } from "../filter-options.ts";
import type { Io } from "../io.ts";
import { parseOptions } from "../options.ts";
import { steerOne } from "../steer.ts";
import { countOption, futureTime } from "../time-option.ts";

const canaryFault = "must be off, or a share such as 0.5, from 0 to 1";
const canaryOption = z.string().transform((text, context) => {
  if (text === "off") return false;
  const failShareMax = /^[01](\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (failShareMax >= 0 && failShareMax <= 1) return { failShareMax };
  context.addIssue({ code: "custom", message: canaryFault });
  return z.NEVER;
});

const schemaAt = (now: number) =>
  z
    .object({
      ...bulkShape(now),
      attempts: countOption(1, limits.attemptsMax).optional(),
      deliverAt: futureTime(now).optional(),
      canary: canaryOption.optional(),
    })
    .check(oneOrMany(["deliverAt"], ["canary"]));

const act = async (io: Io, command: Command): Promise<void> => {
  const asked = parseOptions(command, schemaAt(io.now()));
  const { messageId, rate, attempts, deliverAt, canary } = asked;
  if (messageId !== undefined)
    return steerOne(io, command, (client, options) =>
      client.replay(messageId, { attempts, deliverAt }, options),
    );
  const filter = filterIn(asked);
  const job = { action: "replay", filter, ratePerSecond: rate, attempts, canary } as const;
  return bulk(io, command, job, asked);
};

export const replay = (io: Io): Command =>
  withBulk(
    new Command("replay")
      .summary("give a message that has ended, or all that match, another round of attempts")
      .description(
        "Gives a message that has ended another round of attempts, or every message that matches, by a job: it first says how many there are, what that costs and how long it takes, and asks. The job replays one message, then ten, and stops if too many of them fail again. Ctrl-C pauses it.\nWith --json the job, or with --plan the plan.",
      ),
  )
    .option("--attempts <n>", "how many attempts each gets")
    .option("--deliver-at <time>", "of one message: not before this time")
    .option("--canary <share>", "the share of the first messages that may fail again (0.5), or off")
    .addHelpText(
      "after",
      examples(
        "postrider replay order-7",
        "postrider replay --status FAILED --target api.example.com",
        "postrider replay --reason attempts-exhausted --from 24h --rate 50 --yes --json",
      ),
    )
    .action((_messageId: string | undefined, _options: object, command: Command) =>
      act(io, command),
    );
