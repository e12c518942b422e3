import { Command } from "commander";
import * as z from "zod";
import type { ListedMessage } from "../../client/answers.ts";
import { limits } from "../../domain/limits.ts";
import { examples } from "../examples.ts";
import { filterIn, filterShape, withFilter } from "../filter-options.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import { showList } from "../show.ts";
import { statusStyle } from "../status-style.ts";
import type { Column } from "../table.ts";
import { countOption } from "../time-option.ts";
import { withClient } from "../with-client.ts";

const messagesDefault = 20;

/** Returns what the last attempt came to: a status, or why there was none. */
const lastOf = ({ failReason, lastOutcome }: ListedMessage): string =>
  [failReason, lastOutcome?.status ?? lastOutcome?.class].filter((part) => part).join(" ");

const messageColumns: readonly Column<ListedMessage>[] = [
  { head: "MESSAGE", cell: ({ messageId }) => messageId, isFlexible: true },
  {
    head: "STATUS",
    cell: ({ status }) => status,
    style: ({ status }) => statusStyle(status),
  },
  { head: "ATTEMPTS", cell: ({ attempts, attemptsAllowed }) => `${attempts}/${attemptsAllowed}` },
  { head: "LAST", cell: lastOf },
  { head: "SUBMITTED", cell: ({ createdAt }) => createdAt.replace(/\.\d+Z$/, "Z") },
  { head: "TARGET", cell: ({ targetUrl }) => targetUrl, isFlexible: true },
];

const act = async (io: Io, command: Command): Promise<void> => {
  const asked = parseOptions(
    command,
    z.object({
      ...filterShape(io.now()),
      limit: countOption(1, 1e9).default(messagesDefault),
      all: z.boolean().optional(),
    }),
  );
  const itemsMax = asked.all ? Number.POSITIVE_INFINITY : asked.limit;
  await withClient(io, command, async ({ client, stoppable }) => {
    const { json } = commonOf(command);
    const limit = Math.min(itemsMax, limits.listPageMax);
    const found = client.list({ ...filterIn(asked), limit }, stoppable);
    const count = await showList(io, json, found, messageColumns, itemsMax);
    if (json) return;
    if (count === 0) io.err("There is no such message.");
    if (count === itemsMax)
      io.err(`These are the first ${count}. There may be more: --limit or --all.`);
  });
};

export const list = (io: Io): Command =>
  withFilter(
    new Command("list")
      .summary("list messages")
      .description(
        "Lists messages, the newest first; with --status FAILED the latest failure first.\nWith --json an object a line.",
      ),
  )
    .option("--limit <n>", `how many at most (${messagesDefault})`)
    .option("--all", "all that match")
    .addHelpText(
      "after",
      examples(
        "postrider list --status FAILED --from 24h",
        "postrider list --status unfinished --target api.example.com",
        "postrider list --reason attempts-exhausted --all --json | jq -r .messageId",
      ),
    )
    .action((_options: object, command: Command) => act(io, command));
