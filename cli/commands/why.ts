import { Command } from "commander";
import { type Line, styled } from "../../adapters/styled.ts";
import type { HistoryEvent, Why } from "../../client/answers.ts";
import { attemptPieces } from "../attempt-line.ts";
import { examples } from "../examples.ts";
import type { Io } from "../io.ts";
import { commonOf } from "../options.ts";
import { show } from "../show.ts";
import { statusStyle } from "../status-style.ts";
import { withClient } from "../with-client.ts";

const whatHappened = (event: HistoryEvent): Line => {
  switch (event.kind) {
    case "submitted":
      return "submitted";
    case "attempt":
      return attemptPieces(event);
    case "state":
      return styled(statusStyle(event.status), event.status);
    case "action": {
      const { keyId, jobId } = event.by;
      const by = jobId === undefined ? `the key ${keyId ?? "?"}` : `the job ${jobId}`;
      return `${event.action} by ${by}${event.refused ? ", refused" : ""}`;
    }
  }
};

const eventLine = (event: HistoryEvent): Line => [
  styled("dim", (event.at ?? "time not known").padEnd(26)),
  ...[whatHappened(event)].flat(),
];

const whyLines = (
  { why, next, canDo }: Why,
  messageId: string,
  events: readonly HistoryEvent[],
): readonly Line[] => [
  why,
  next,
  ...(canDo.length === 0
    ? []
    : [
        [
          styled("dim", "You can: "),
          canDo.map((verb) => `postrider ${verb} ${messageId}`).join(", "),
        ],
      ]),
  "",
  ...events.map(eventLine),
];

export const why = (io: Io): Command =>
  new Command("why")
    .summary("explain where a message is, and what happened to it")
    .description(
      "Explains where a message is, what happens next, and what happened until now.\nWith --json the members of …/why, and `events` of …/history.",
    )
    .argument("<messageId>", "the id of the message")
    .addHelpText("after", examples("postrider why order-7"))
    .action((messageId: string, _options: object, command: Command) =>
      withClient(io, command, async ({ client, stoppable }) => {
        const explained = await client.why(messageId, stoppable);
        const events = await client.history(messageId, stoppable);
        const lines = whyLines(explained, messageId, events);
        show(io, commonOf(command).json, { ...explained, events }, lines);
      }),
    );
