import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../adapters/clock.ts";
import { isTerminal, type Status } from "../../domain/message.ts";
import type { LogLine } from "./edition-process.ts";
import type { RunFaulted } from "./log.ts";
import type { Sender } from "./sender.ts";

const looksAtATime = 8;
/** After so long without a word in the log, those that are left are asked for. */
const quietMs = 3000;

/**
 * An attempt that the edition made and could not settle, by its own account: its lease was over, or
 * the table did not answer. What came of it is then unknown, and it is made again.
 */
export const unsettledOf = (
  { message, senderId, messageId, attempt, transitions = [] }: LogLine,
  at: number,
): RunFaulted | undefined => {
  const isUnsettled = message === "attempt" && transitions.at(-1)?.to === "PROCESSING";
  return isUnsettled && senderId && messageId
    ? { kind: "fault", what: "frozen", at, key: { senderId, messageId }, attempt }
    : undefined;
};

/**
 * Knows which messages have ended: from the edition's own log, which costs it nothing, and by
 * asking for the rest, since what a killed process had to say is lost.
 */
export const endings = (clock: Clock) => {
  const ended = new Set<string>();
  let lastAt = clock();

  const read = ({ senderId, messageId, transitions = [] }: LogLine): void => {
    if (!transitions.some(({ to }) => isTerminal(to as Status))) return;
    ended.add(`${senderId}/${messageId}`);
    lastAt = clock();
  };

  const lookAtAll = async (sender: Sender, left: readonly string[]): Promise<void> => {
    const queue = [...left];
    const lookOn = async (): Promise<void> => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        const key = sender.acknowledged.get(name);
        const status = key && (await sender.look(key));
        if (status && isTerminal(status as Status)) ended.add(name);
      }
    };
    await Promise.all(Array.from({ length: looksAtATime }, lookOn));
  };

  const left = ({ acknowledged }: Sender): readonly string[] =>
    [...acknowledged.keys()].filter((name) => !ended.has(name));

  /** Waits until all that was acknowledged has ended, or for so long; how many have not. */
  const allEnded = async (
    sender: Sender,
    patienceMs: number,
    note: (left: number) => void,
  ): Promise<number> => {
    const end = clock() + patienceMs;
    for (;;) {
      const isQuiet = clock() - lastAt > quietMs;
      if (isQuiet) await lookAtAll(sender, left(sender));
      const count = left(sender).length;
      note(count);
      if (count === 0 || clock() > end) return count;
      await pause(Math.min(isQuiet ? quietMs : 500, Math.max(0, end - clock()) + 1));
    }
  };
  return { read, allEnded, left };
};
