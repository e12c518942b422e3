import { type Line, styled } from "../adapters/styled.ts";
import type { Attempt, Message } from "../client/answers.ts";
import { attemptPieces } from "./attempt-line.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { messageLines } from "./message-lines.ts";
import { show } from "./show.ts";
import type { WithClient } from "./with-client.ts";

/** The pauses between two looks: short at first, for most messages end at once. */
const pausesMs = [100, 200, 400, 1000];

const ends: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

type Waiting = Pick<WithClient, "client" | "stoppable"> & { readonly isJson: boolean | undefined };

/** Returns the attempts after one number that have ended. */
const endedAfter = (attempts: readonly Attempt[], shown: number): readonly Attempt[] =>
  attempts.filter(({ number, outcome }) => number > shown && outcome !== "in-progress");

/** Looks at a message until it has ended, and shows each attempt on standard error. */
const untilEnded = async (
  io: Io,
  { client, stoppable, isJson }: Waiting,
  messageId: string,
): Promise<Message> => {
  const say = (line: Line): void => {
    if (!isJson) io.err(line);
  };
  let shown = 0;
  for (let look = 0; ; look += 1) {
    const message = await client.get(messageId, stoppable);
    io.progress("");
    if (message.attempts > shown && !isJson) {
      const news = endedAfter(await client.attempts(messageId, stoppable), shown);
      for (const attempt of news) say([styled("dim", "· "), ...attemptPieces(attempt)]);
      shown = Math.max(shown, ...news.map(({ number }) => number));
    }
    if (ends.includes(message.status)) return message;
    if (!isJson) io.progress(message.why);
    await io.sleep(pausesMs[Math.min(look, pausesMs.length - 1)] ?? 0, stoppable.signal);
  }
};

/** Waits until a message has ended, and shows it. Throws a failure unless it is COMPLETED. */
export const waitUntilEnded = async (
  io: Io,
  waiting: Waiting,
  messageId: string,
): Promise<void> => {
  const message = await untilEnded(io, waiting, messageId);
  show(io, waiting.isJson, message, messageLines(message));
  const { status, failReason } = message;
  if (status === "COMPLETED") return;
  throw new Failed({
    kind: "bad",
    what: `${messageId} is ${status}${failReason === undefined ? "" : ` (${failReason})`}.`,
    next: `postrider why ${messageId} says why. postrider replay ${messageId} tries again.`,
  });
};
