import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { MessageStore } from "../entities/message.ts";
import { allShards } from "../handlers/dispatcher/event.ts";
import type { MemoryQueue } from "../local/memory-queue.ts";
import { handledOf } from "../local/sqs-event.ts";
import type { VirtualTime } from "./time.ts";

type Remaining = { readonly getRemainingTimeInMillis: () => number };
export type QueueHandler = (event: SQSEvent, context: Remaining) => Promise<SQSBatchResponse>;

export type Machinery = {
  readonly time: VirtualTime;
  readonly records: MemoryQueue;
  readonly deadLetters: MemoryQueue;
  readonly worker: QueueHandler;
  readonly deadLetter: QueueHandler;
  readonly dispatcher: (event: object, context: Remaining) => Promise<void>;
  readonly messages: MessageStore;
  readonly shards: number;
  /** Hears of an invocation that threw. Its records come again, and so does the dispatcher. */
  readonly onError: (error: unknown) => void;
};

/** As deployed: how long a function may take, and a record that it was given is out of sight. */
const functionTimeoutMs = 60_000;
export const visibilityMs = 360_000;
/** Dispatchers run once a minute. */
const minuteMs = 60_000;
/** Later than anything is ever due. */
const horizonMs = 100 * 365 * 86_400_000;

const atOnce = AbortSignal.abort();

/**
 * Runs everything that is due, in the order of its time, up to and including a time: records of the
 * queue, each by an invocation of its own, and the dispatcher at the minutes at which it would find
 * something. The clock moves only when all that was begun has ended or waits for a later time, so
 * two runs of the same test do the same.
 */
export const runnerOf = (machinery: Machinery): ((until: number) => Promise<void>) => {
  const { time, records, deadLetters, messages } = machinery;
  let lastTickAt = time.now() - 1;

  const contextNow = (): Remaining => {
    const endsAt = time.now() + functionTimeoutMs;
    return { getRemainingTimeInMillis: () => Math.max(0, endsAt - time.now()) };
  };
  /** Begins an invocation, as a service would that does not wait for it. */
  const invoke = async (invocation: () => Promise<void>): Promise<void> => {
    time.begin(async () => {
      try {
        await invocation();
      } catch (error) {
        machinery.onError(error);
      }
    });
    await time.quiet();
  };
  const handle = async (queue: MemoryQueue, handler: QueueHandler, record: SQSRecord) => {
    const event = { Records: [record] };
    const answer = await handler(event, contextNow());
    await queue.remove(handledOf(event, answer));
  };
  /** Begins an invocation for each record that may be received. Returns how many. */
  const poll = async (queue: MemoryQueue, handler: QueueHandler): Promise<number> => {
    const { Records } = await queue.receive(atOnce);
    for (const record of Records) {
      // What is not handled comes again then.
      time.stopAt(time.now() + visibilityMs);
      await invoke(() => handle(queue, handler, record));
    }
    return Records.length;
  };

  const earliestDueAt = async (dueShard: string): Promise<number> => {
    const ask = { dueShard, now: time.now() + horizonMs, limit: 1, cursor: null };
    const [first] = (await messages.due(ask)).items;
    return first ? Number(first.fields["dueAt"]) : Number.POSITIVE_INFINITY;
  };
  /** The next minute at which the dispatcher finds something. */
  const nextTickAt = async (): Promise<number> => {
    const dues = await Promise.all(allShards(machinery.shards).map(earliestDueAt));
    const from = Math.max(Math.min(...dues), lastTickAt + 1, time.now());
    return Math.ceil(from / minuteMs) * minuteMs;
  };
  const dispatch = async (): Promise<void> => {
    lastTickAt = time.now();
    await invoke(() => machinery.dispatcher({}, contextNow()));
  };

  /** Does the first thing that is due now. Returns false if there is none. */
  const step = async (): Promise<boolean> => {
    if (time.wake()) {
      await time.quiet();
      return true;
    }
    if ((await poll(records, machinery.worker)) > 0) return true;
    if ((await poll(deadLetters, machinery.deadLetter)) > 0) return true;
    if ((await nextTickAt()) > time.now()) return false;
    await dispatch();
    return true;
  };

  return async (until) => {
    await time.quiet();
    for (;;) {
      if (await step()) continue;
      const next = Math.min(time.next() ?? Number.POSITIVE_INFINITY, await nextTickAt());
      if (next > until) break;
      time.moveTo(next);
    }
    time.moveTo(until);
  };
};
