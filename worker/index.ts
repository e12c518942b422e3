/**
 * Workers of your own: `postrider/worker`. They make the attempts of messages in another way than by
 * HTTP, over the table of a deployment, whose dispatcher looks after what they leave.
 */
import { systemChance } from "../adapters/chance.ts";
import { systemClock, systemSleep } from "../adapters/clock.ts";
import { printedLog } from "../adapters/printed-log.ts";
import type { Storage } from "../entities/storage.ts";
import type { WorkerOptions } from "./options.ts";
import type { Worker } from "./own-worker.ts";
import { readOptions } from "./read-options.ts";
import { workerOver } from "./worker.ts";

export type { Line, Log } from "../adapters/log.ts";
export type { Claimed, Settled } from "./claimed.ts";
export type { WorkerOptions } from "./options.ts";
export type { FailBecause, RetryBecause } from "./outcome.ts";
export type { BatchContext, BatchEvent, BatchResponse, Work, Worker } from "./own-worker.ts";

/**
 * Returns a worker over the table of a deployment. Throws an error that names every fault of the
 * options.
 *
 * @example
 * export const handler = worker({ client, table }, { queue }).handler(async (claimed) => {
 *   const isSent = await send(claimed.text(), { idempotencyKey: claimed.id });
 *   return isSent ? claimed.complete() : claimed.retry({ class: "timeout" });
 * });
 */
export const worker = (storage: Storage, options: WorkerOptions = {}): Worker => {
  const outside = { clock: systemClock, sleep: systemSleep, chance: systemChance };
  return workerOver({ ...outside, log: options.log ?? printedLog })(storage, readOptions(options));
};
