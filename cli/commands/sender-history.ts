import { Command } from "commander";
import * as z from "zod";
import { listed } from "../../client/listed.ts";
import { senderOption } from "../arguments.ts";
import type { Io } from "../io.ts";
import { commonOf, parseOptions } from "../options.ts";
import type { SenderChange } from "../sender-answers.ts";
import { showList } from "../show.ts";
import type { Column } from "../table.ts";
import { withOperator } from "../with-client.ts";

/** Returns what a change was about: a key, an overlap or defaults, in one line. */
const aboutOf = ({ madeKeyId, revokedKeyId, overlap, defaults, refused }: SenderChange): string =>
  [
    madeKeyId,
    revokedKeyId,
    overlap && `overlap ${overlap}`,
    defaults && JSON.stringify(defaults),
    refused && "refused",
  ]
    .filter(Boolean)
    .join(", ");

const columns: readonly Column<SenderChange>[] = [
  { head: "AT", cell: ({ at }) => at },
  { head: "CHANGE", cell: ({ change }) => change },
  { head: "BY KEY", cell: ({ by }) => by.keyId ?? "" },
  { head: "FROM", cell: ({ by }) => by.address ?? by.deployment ?? "" },
  { head: "ABOUT", cell: aboutOf, isFlexible: true },
];

export const senderHistory = (io: Io): Command =>
  new Command("history")
    .summary("show what operators did to a sender")
    .description(
      "Shows what operators did to a sender, its keys and its signing secrets, the newest first.",
    )
    .argument("<senderId>", "the id of the sender")
    .action(async (_senderId: string, _options: object, command: Command) => {
      const { senderId } = parseOptions(command, z.object({ senderId: senderOption }));
      await withOperator(io, command, async ({ call, stoppable }) => {
        const path = `/v1/senders/${encodeURIComponent(senderId)}/history`;
        const changes = listed<SenderChange>(call, path, {}, stoppable);
        const count = await showList(io, commonOf(command).json, changes, columns);
        if (count === 0) io.err("The sender has no history yet.");
      });
    });
