import { Command } from "commander";
import * as z from "zod";
import { listed } from "../../client/listed.ts";
import { limits } from "../../domain/limits.ts";
import { senderOption } from "../arguments.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import { checkSecretOutput, withPrint } from "../secret-output.ts";
import type { CreatedSender, ListedSender, Sender } from "../sender-answers.ts";
import { newKeyLines, newSecretLines, senderLines } from "../sender-lines.ts";
import { show, showList } from "../show.ts";
import type { Column } from "../table.ts";
import { countOption, durationOption } from "../time-option.ts";
import { type WithOperator, withOperator } from "../with-client.ts";
import { senderHistory } from "./sender-history.ts";

const path = "/v1/senders";
const of = (senderId: string): string => `${path}/${encodeURIComponent(senderId)}`;

const columns: readonly Column<ListedSender>[] = [
  { head: "SENDER", cell: ({ senderId }) => senderId, isFlexible: true },
  { head: "CREATED", cell: ({ createdAt }) => createdAt },
];

const list = (io: Io): Command =>
  new Command("list")
    .summary("list senders")
    .description("Lists all senders.")
    .action((_options: object, command: Command) =>
      withOperator(io, command, async ({ call, stoppable }) => {
        const senders = listed<ListedSender>(call, path, {}, stoppable);
        const count = await showList(io, commonOf(command).json, senders, columns);
        if (count === 0) io.err("There is no sender.");
      }),
    );

const get = (io: Io): Command =>
  new Command("get")
    .summary("show a sender")
    .description("Shows a sender, without its secrets.")
    .argument("<senderId>", "the id of the sender")
    .action((senderId: string, _options: object, command: Command) =>
      withOperator(io, command, async ({ call, stoppable }) => {
        const sender = await call<Sender>({ method: "GET", path: of(senderId) }, stoppable);
        show(io, commonOf(command).json, sender, senderLines(sender));
      }),
    );

/** Returns the options for what messages of a sender have that say nothing else. */
const withDefaults = (command: Command): Command =>
  command
    .option("--attempts <n>", "how many attempts its messages may have")
    .option("--timeout <duration>", "how long one attempt may take, such as 5s")
    .option("--retention-days <n>", "how long its messages are kept");
const defaultsShape = {
  senderId: senderOption,
  attempts: countOption(1, limits.attemptsMax).optional(),
  timeout: durationOption.optional(),
  retentionDays: countOption(1, limits.retentionDaysMax).optional(),
};
const defaultsSchema = z.object(defaultsShape);
const defaultsIn = ({ attempts, timeout, retentionDays }: z.output<typeof defaultsSchema>) => ({
  ...(attempts !== undefined && { retry: { maxAttempts: attempts } }),
  ...{ timeoutMs: timeout, retentionDays },
});

const create = (io: Io): Command =>
  withPrint(withDefaults(new Command("create").argument("<senderId>", "the id of the sender")))
    .summary("create a sender with its first key")
    .description(
      "Creates a sender, its first key and its signing secret, and shows both this once.",
    )
    .action(async (_senderId: string, _options: object, command: Command) => {
      const { senderId, ...asked } = parseOptions(command, defaultsSchema);
      checkSecretOutput(io, command);
      const ifUnanswered = `See postrider senders get ${senderId}. If it is there, nobody has its secret and its key: rotate the secret with --overlap 0s, create a key, and revoke the first one.`;
      const work = async ({ call }: WithOperator): Promise<void> => {
        const body = { senderId, defaults: defaultsIn({ senderId, ...asked }) };
        // Not ended by Ctrl-C, which would lose what is shown this once.
        const made = await call<CreatedSender>({ method: "POST", path, body });
        const secrets = [...newKeyLines(made.key), ...newSecretLines(made.signingSecret)];
        show(io, commonOf(command).json, made, [...senderLines(made), ...secrets]);
      };
      await withOperator(io, command, work, { ifUnanswered });
    });

const set = (io: Io): Command =>
  withDefaults(new Command("set").argument("<senderId>", "the id of the sender"))
    .summary("change the defaults of a sender")
    .description("Changes the defaults of a sender, for messages that say nothing else.")
    .action(async (_senderId: string, _options: object, command: Command) => {
      const asked = parseOptions(command, defaultsSchema);
      await withOperator(io, command, async ({ call, stoppable }) => {
        const body = { defaults: defaultsIn(asked) };
        const ask = { method: "PATCH", path: of(asked.senderId), body } as const;
        const sender = await call<Sender>(ask, stoppable);
        show(io, commonOf(command).json, sender, senderLines(sender));
      });
    });

export const senders = (io: Io): Command =>
  new Command("senders")
    .summary("list, show, create and change senders, and their history (operator)")
    .description("Senders. Needs an operator's key, which the local edition has.")
    .addCommand(list(io))
    .addCommand(get(io))
    .addCommand(create(io))
    .addCommand(set(io))
    .addCommand(senderHistory(io))
    .addHelpText(
      "after",
      examples(
        "postrider senders create shop",
        "postrider senders set shop --attempts 5",
        "postrider senders history shop",
      ),
    );
