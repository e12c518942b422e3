import type { Clock } from "../adapters/clock.ts";
import type { Queue } from "../adapters/queue.ts";
import { awaitsRecord } from "../domain/dispatch.ts";
import { limits } from "../domain/limits.ts";
import { judgeDue } from "../domain/quarantine.ts";
import { nextRecord } from "../domain/record.ts";
import { delaySeconds } from "../domain/schedule.ts";
import type { DueItem, DueStore } from "../entities/due-items.ts";
import { allShards } from "../handlers/dispatcher/event.ts";
import { type Pause, pause } from "./pause.ts";

/** Later than everything that is due at some time. */
const everything = Number.MAX_SAFE_INTEGER;
/** It reads no further while so many records wait, so that memory does not grow with the backlog. */
const readyMax = 10_000;
const pauseMs = 100;
const retryMs = 1000;

type Deps = {
  readonly messages: Pick<DueStore, "due">;
  readonly queue: Queue;
  /** How many records wait to be received. */
  readonly readyCount: () => number;
  readonly clock: Clock;
  readonly clockMarginMs: number;
  readonly shards: number;
  readonly onError: (error: unknown) => void;
  readonly pauseFor?: Pause;
};

/** Sends the records of one page, and returns how many. */
const sendPage = async (
  { queue, clock, clockMarginMs }: Deps,
  items: readonly DueItem[],
): Promise<number> => {
  const now = clock();
  const delayed = items.flatMap((item) => {
    // A job is the dispatcher's, and so is an item that cannot be handled: it puts that in quarantine.
    const judged = judgeDue(item, { now, clockMarginMs });
    if (judged.kind !== "sound" || !awaitsRecord(judged.message, now)) return [];
    const { message } = judged;
    return [
      {
        record: nextRecord(message),
        delaySeconds: delaySeconds(message.notBefore ?? now, now),
      },
    ];
  });
  await queue.sendAll(delayed);
  return delayed.length;
};

/**
 * Sends a record for each message that waits for one, whenever it is due: a queue in memory is
 * empty at the start. Reads the due index of all shards by pages, one of each in turn, until its end
 * or until the signal is given. Resolves to how many records it sent.
 *
 * It writes nothing. A record too many, such as that of a message which came meanwhile, is dropped
 * at its claim; what a crash leaves unsent, the next start sends. A page that could not be read is
 * reported and read again.
 */
export const requeueUnfinished = async (deps: Deps, signal: AbortSignal): Promise<number> => {
  const { messages, readyCount, shards, onError, pauseFor = pause } = deps;
  const unread = allShards(shards).map((dueShard) => ({ dueShard, cursor: null as string | null }));
  let count = 0;
  for (let next = unread.shift(); next && !signal.aborted; next = unread.shift()) {
    while (readyCount() >= readyMax && !signal.aborted) await pauseFor(pauseMs, signal);
    try {
      const page = await messages.due({ ...next, now: everything, limit: limits.duePageMax });
      count += await sendPage(deps, page.items);
      if (page.cursor !== null) unread.push({ ...next, cursor: page.cursor });
    } catch (error) {
      onError(error);
      unread.push(next);
      await pauseFor(retryMs, signal);
    }
  }
  return count;
};
