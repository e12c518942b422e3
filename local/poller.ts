import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { type Clock, systemClock } from "../adapters/clock.ts";
import { limits } from "../domain/limits.ts";
import { type Pause, pause } from "./pause.ts";
import { eventOf, handledOf } from "./sqs-event.ts";

/**
 * `stop` receives no more, and resolves when the invocations under way have ended, or after
 * `withinMs`. Records that are not handled by then come again after their visibility timeout.
 */
export type Poller = { readonly stop: (within: { readonly withinMs: number }) => Promise<void> };

export type QueueHandler = (
  event: SQSEvent,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<SQSBatchResponse>;

/**
 * An aborted long poll lives on in the embedded queue until its wait is over, and what arrives
 * meanwhile is lost to it until the visibility timeout. So it is short; the queue ends it within
 * 20 ms of a record's time, and to wait longer does not make an idle process any idler.
 */
const waitSeconds = 1;
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
  client,
  queueUrl,
  visibilitySeconds,
  functionTimeoutMs,
  handler,
  onError,
  concurrency = 10,
  clock = systemClock,
  pauseFor = pause,
}: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly visibilitySeconds: number;
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

  const receive = async (): Promise<SQSEvent> => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: limits.queueBatchMax,
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      }),
      { abortSignal: signal },
    );
    return eventOf(Messages, queueUrl, await client.config.region());
  };

  const call = async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const deadline = clock() + functionTimeoutMs;
    const getRemainingTimeInMillis = () => Math.max(0, deadline - clock());
    const done = new AbortController();
    const timeout = async (): Promise<never> => {
      await sleep(functionTimeoutMs, undefined, { signal: done.signal, ref: false });
      throw new Error(`The handler was not done after ${functionTimeoutMs} ms`);
    };
    try {
      return await Promise.race([handler(event, { getRemainingTimeInMillis }), timeout()]);
    } finally {
      done.abort();
    }
  };

  const remove = async (records: readonly SQSRecord[]): Promise<void> => {
    if (records.length === 0) return;
    const Entries = records.map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
    }));
    const { Failed = [] } = await client.send(
      new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    );
    if (Failed.length > 0) throw new Error(`${Failed.length} records could not be deleted`);
  };

  // Handled first, deleted afterwards: after a crash, or an error, in between the records come
  // again, and the claims of the messages that they point at are lost.
  const invoke = async (event: SQSEvent): Promise<void> => {
    try {
      await remove(handledOf(event, await call(event)));
    } catch (error) {
      onError(error);
    }
  };

  const poll = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const event = await receive();
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
