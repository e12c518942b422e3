/**
 * Workers of your own: `postrider/worker`. They make the attempts of messages in another way than by
 * HTTP, over the table of a deployment, whose dispatcher looks after what they leave.
 */
import { systemChance } from "../adapters/chance.ts";
import { dynamoDbClient, sqsClient } from "../adapters/clients.ts";
import { systemClock, systemSleep } from "../adapters/clock.ts";
import { environment } from "../adapters/environment.ts";
import { printedLog } from "../adapters/printed-log.ts";
import type { Storage } from "../entities/storage.ts";
import { readDeployed } from "./deployed.ts";
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

/**
 * Returns the worker of a function that `addWorker` of the construct has attached to a deployment: table,
 * queue, settings and metrics are in its environment. Throws an error that names every fault of it.
 *
 * @example
 * export const handler = deployedWorker().handler(async (claimed) => {
 *   await print(claimed.text());
 *   return claimed.complete();
 * });
 */
export const deployedWorker = (options: Pick<WorkerOptions, "masterKeys" | "log"> = {}): Worker => {
  const { table, queueUrl, ...told } = readDeployed(environment());
  const queue = { client: sqsClient(), url: queueUrl };
  return worker({ client: dynamoDbClient(), table }, { ...options, ...told, queue });
};
