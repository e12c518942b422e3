import { setImmediate as nextTurn } from "node:timers/promises";
import type { SQSRecord } from "aws-lambda";
import TinyQueue from "tinyqueue";
import type { Clock } from "../adapters/clock.ts";
import { limits } from "../domain/limits.ts";
import { type Pause, pause } from "./pause.ts";
import type { RecordSource } from "./poller.ts";

/** A queue in memory. Its records end with the process: `requeue.ts` sends them again. */
export type MemoryQueue = RecordSource & {
  /** Puts a record on the queue, which can be received when its delay is over. */
  readonly put: (body: string, delayMs?: number) => void;
  /** Returns how many records wait to be received, without those that are delayed. */
  readonly readyCount: () => number;
};

type Entry = {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  readonly receives: number;
  readonly firstReceivedAt: number;
};
type Later = { readonly entry: Entry; readonly at: number };

/** A receiver that waits looks this often: timers stand still while a machine is suspended. */
const lookMs = 1000;

/** Another one for each receive: who held a record earlier cannot delete it any more. */
const receiptOf = ({ id, receives }: Entry): string => `${id}/${receives}`;

const recordOf = (name: string, entry: Entry): SQSRecord => ({
  messageId: entry.id,
  receiptHandle: receiptOf(entry),
  body: entry.body,
  attributes: {
    ApproximateReceiveCount: String(entry.receives),
    SentTimestamp: String(entry.sentAt),
    SenderId: "local",
    ApproximateFirstReceiveTimestamp: String(entry.firstReceivedAt),
  },
  messageAttributes: {},
  md5OfBody: "",
  ...{ eventSource: "aws:sqs", awsRegion: "local" },
  eventSourceARN: `arn:aws:sqs:local:000000000000:${name}`,
});

/**
 * Opens a queue that treats its records as SQS does. One that is received and not deleted comes
 * again after `visibilityMs`; after `receivesMax` receives it goes to `onExhausted` instead.
 */
export const memoryQueue = ({
  name,
  clock,
  visibilityMs,
  receivesMax = Number.POSITIVE_INFINITY,
  onExhausted = () => {},
  pauseFor = pause,
}: {
  readonly name: string;
  readonly clock: Clock;
  readonly visibilityMs: number;
  readonly receivesMax?: number;
  readonly onExhausted?: (body: string) => void;
  readonly pauseFor?: Pause;
}): MemoryQueue => {
  const ready: Entry[] = [];
  const delayed = new TinyQueue<Later>([], (one, other) => one.at - other.at);
  /** By receipt. All are held for the same time, so the first is the first to come again. */
  const held = new Map<string, Later>();
  const waiting = new Set<() => void>();
  let sent = 0;

  const comeAgain = (entry: Entry): void => {
    if (entry.receives >= receivesMax) onExhausted(entry.body);
    else ready.push(entry);
  };
  const moveDue = (now: number): void => {
    for (let next = delayed.peek(); next && next.at <= now; next = delayed.peek())
      ready.push((delayed.pop() as Later).entry);
    for (const [receipt, { entry, at }] of held) {
      if (at > now) break;
      held.delete(receipt);
      comeAgain(entry);
    }
  };
  const take = (): readonly SQSRecord[] => {
    const now = clock();
    moveDue(now);
    return ready.splice(0, limits.queueBatchMax).map((entry) => {
      const { receives, firstReceivedAt } = entry;
      const taken = {
        ...{ ...entry, receives: receives + 1 },
        firstReceivedAt: receives === 0 ? now : firstReceivedAt,
      };
      held.set(receiptOf(taken), { entry: taken, at: now + visibilityMs });
      return recordOf(name, taken);
    });
  };
  const untilNextMs = (): number => {
    const [first] = held.values();
    const next = Math.min(delayed.peek()?.at ?? Infinity, first?.at ?? Infinity);
    return Math.min(lookMs, Math.max(1, next - clock()));
  };
  /** Resolves when a record may have become ready, or when the signal is given. */
  const change = async (signal: AbortSignal): Promise<void> => {
    const woken = new AbortController();
    // With a reason of ours: else an error is made of it, with a stack.
    const wake = (): void => woken.abort("woken");
    waiting.add(wake);
    signal.addEventListener("abort", wake);
    await pauseFor(untilNextMs(), woken.signal);
    signal.removeEventListener("abort", wake);
    waiting.delete(wake);
    // What is put in the same turn is of the same batch, which is counted by one write.
    await nextTurn();
  };

  return {
    put: (body, delayMs = 0) => {
      const now = clock();
      sent += 1;
      const entry = { id: String(sent), body, sentAt: now, receives: 0, firstReceivedAt: 0 };
      if (delayMs > 0) delayed.push({ entry, at: now + delayMs });
      else ready.push(entry);
      for (const wake of waiting) wake();
    },
    receive: async (signal) => {
      let records = take();
      while (records.length === 0 && !signal.aborted) {
        await change(signal);
        // What is taken after a stop would be handled by nobody.
        if (!signal.aborted) records = take();
      }
      return { Records: [...records] };
    },
    remove: async (records) => {
      for (const { receiptHandle } of records) held.delete(receiptHandle);
    },
    readyCount: () => ready.length,
  };
};
