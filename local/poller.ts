import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type Clock, systemClock } from "../adapters/clock.ts";
import { type Pause, pause } from "./pause.ts";
import { handledOf } from "./sqs-event.ts";

/**
 * `stop` receives no more, and resolves when the invocations under way have ended, or after
 * `withinMs`. Records that are not handled by then come again after their visibility timeout.
 */
export type Poller = { readonly stop: (within: { readonly withinMs: number }) => Promise<void> };

export type QueueHandler = (
  event: SQSEvent,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<SQSBatchResponse>;

/** Where records come from: a queue. */
export type RecordSource = {
  /** Resolves to a batch, empty if none came for a while. May reject when the signal is given. */
  readonly receive: (signal: AbortSignal) => Promise<SQSEvent>;
  /** Deletes records, which else come again. Rejects if one of them could not be deleted. */
  readonly remove: (records: readonly SQSRecord[]) => Promise<void>;
};

const pauseMsMin = 100;
const pauseMsMax = 5000;

/**
 * Does for a queue what Lambda does: receives records in batches, calls a handler with them, and
 * deletes those that it does not name as failed. What has failed is left to its visibility
 * timeout. At most `concurrency` invocations run at a time, and none waits for another.
 *
 * An invocation that throws, names a record that it was not given, or is not done after
 * `functionTimeoutMs` has failed as a whole. That, and what goes wrong with the queue itself, is
 * reported to `onError`; receiving goes on, after a pause if it was the queue.
 */
export const startPoller = ({
  source,
  functionTimeoutMs,
  handler,
  onError,
  concurrency = 10,
  clock = systemClock,
  pauseFor = pause,
}: {
  readonly source: RecordSource;
  readonly functionTimeoutMs: number;
  readonly handler: QueueHandler;
  readonly onError: (error: unknown) => void;
  readonly concurrency?: number;
  readonly clock?: Clock;
  /** How it waits before it asks a queue again that did not answer. */
  readonly pauseFor?: Pause;
}): Poller => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const invocations = new Set<Promise<void>>();

  const call = async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const deadline = clock() + functionTimeoutMs;
    const getRemainingTimeInMillis = () => Math.max(0, deadline - clock());
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const fail = (): void =>
      reject(new Error(`The handler was not done after ${functionTimeoutMs} ms`));
    const timer = setTimeout(fail, functionTimeoutMs).unref();
    try {
      return await Promise.race([handler(event, { getRemainingTimeInMillis }), timeout]);
    } finally {
      clearTimeout(timer);
    }
  };

  // Handled first, deleted afterwards: after a crash, or an error, in between the records come
  // again, and the claims of the messages that they point at are lost.
  const invoke = async (event: SQSEvent): Promise<void> => {
    try {
      const handled = handledOf(event, await call(event));
      if (handled.length > 0) await source.remove(handled);
    } catch (error) {
      onError(error);
    }
  };

  const poll = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const event = await source.receive(signal);
        failures = 0;
        if (event.Records.length === 0) continue;
        const invocation = invoke(event).finally(() => invocations.delete(invocation));
        invocations.add(invocation);
        if (invocations.size >= concurrency) await Promise.race(invocations);
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        const pauseMs = Math.min(pauseMsMax, pauseMsMin * 2 ** failures);
        failures += 1;
        await pauseFor(pauseMs, signal);
      }
    }
  };

  const polling = poll();
  const stop = async ({ withinMs }: { readonly withinMs: number }): Promise<void> => {
    stopping.abort();
    const drained = new AbortController();
    const drain = async (): Promise<void> => {
      // What a poll brought just before it was aborted is still handled.
      await polling;
      await Promise.all(invocations);
      drained.abort();
    };
    await Promise.race([drain(), pause(withinMs, drained.signal)]);
  };
  return { stop };
};
