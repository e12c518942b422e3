import { noMetrics } from "../../adapters/metrics.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import { masterKeyVault } from "../../adapters/vault.ts";
import type { BatchEvent, Work } from "../../worker/own-worker.ts";
import type { WorkerSettings } from "../../worker/read-options.ts";
import { workerOver } from "../../worker/worker.ts";
import { faultsOf } from "../support/faults.ts";
import { masterKey, options, type Service } from "../support/service.ts";

/** A worker of one's own as a process of its own: its calls fail apart from those of the service. */
export const ownWorkerOf = (service: Service, overrides: Partial<WorkerSettings> = {}) => {
  const storage = service.table.through({});
  const faults = faultsOf(storage.client);
  const failures: { what: string; error: unknown }[] = [];
  const lines: object[] = [];
  let tokens = 0;
  const worker = workerOver({
    clock: service.now,
    sleep: async (ms) => service.advance(ms),
    chance: { random: () => 0.5, token: () => `own-${++tokens}-${crypto.randomUUID()}` },
    log: {
      line: (line) => lines.push(line),
      failure: (what, error) => failures.push({ what, error }),
    },
  })(storage, {
    ...options,
    queue: sqsQueue(service.sqs, service.queueUrl),
    vault: masterKeyVault([masterKey]),
    metrics: noMetrics,
    ...overrides,
  });

  /** Runs work over what is on the queue about a message, or over other records, as one batch. */
  const run = (work: Work, records?: readonly unknown[], remainingMs = 60_000) => {
    const bodies = (records ?? service.queued()).map((record) =>
      typeof record === "string" ? record : JSON.stringify(record),
    );
    const event: BatchEvent = {
      Records: bodies.map((body, index) => ({ messageId: `sqs-${index + 1}`, body })),
    };
    return worker.handler(work)(event, { getRemainingTimeInMillis: () => remainingMs });
  };
  return { worker, storage, faults, failures, lines, run };
};
