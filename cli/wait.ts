import { styled } from "../adapters/styled.ts";
import type { Attempt, Message } from "../client/answers.ts";
import { messageLines } from "./commands/get.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { show } from "./show.ts";
import type { WithClient } from "./with-client.ts";

/** The pauses between two looks: short at first, for most messages end at once. */
const pausesMs = [100, 200, 400, 1000];

const ends: readonly string[] = ["COMPLETED", "FAILED", "CANCELLED"];

/** Returns what came of an attempt, in a line. */
export const attemptLine = ({ number, outcome, class: kind, status, durationMs }: Attempt) => [
  styled("dim", `attempt ${number}  `),
  styled(outcome === "delivered" ? "green" : "yellow", outcome),
  status === undefined ? ` ${kind ?? ""}` : ` ${status}`,
  durationMs === undefined ? "" : ` after ${durationMs} ms`,
];

type Waiting = Pick<WithClient, "client" | "stoppable"> & { readonly isJson: boolean | undefined };

const untilEnded = async (
  io: Io,
  { client, stoppable, isJson }: Waiting,
  messageId: string,
): Promise<Message> => {
  let shown = 0;
  for (let look = 0; ; look += 1) {
    const message = await client.get(messageId, stoppable);
    const isOver = ends.includes(message.status);
    if (!isJson && message.attempts > shown) {
      const attempts = await client.attempts(messageId, stoppable);
      const news = attempts.filter(
        ({ number, outcome }) => number > shown && outcome !== "in-progress",
      );
      for (const attempt of news) io.err(attemptLine(attempt));
      shown = Math.max(shown, ...news.map(({ number }) => number));
    }
    if (isOver) return message;
    if (!isJson) io.progress(message.why);
    await io.sleep(pausesMs[Math.min(look, pausesMs.length - 1)] ?? 0, stoppable.signal);
    if (!isJson) io.progress("");
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
  if (message.status === "COMPLETED") return;
  const reason = message.failReason === undefined ? "" : ` (${message.failReason})`;
  throw new Failed({
    kind: "bad",
    what: `${messageId} is ${message.status}${reason}.`,
    next: `postrider why ${messageId} says why. postrider replay ${messageId} tries again.`,
  });
};
