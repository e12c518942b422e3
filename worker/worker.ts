import type { Chance } from "../adapters/chance.ts";
import type { Clock, Sleep } from "../adapters/clock.ts";
import type { Log } from "../adapters/log.ts";
import { settleMs } from "../domain/deadline.ts";
import type { CountedAttempt } from "../domain/outcome-counts.ts";
import { attemptStore } from "../entities/attempt.ts";
import { messageStore } from "../entities/message.ts";
import { outcomeStore } from "../entities/outcomes.ts";
import { payloadStore } from "../entities/payload.ts";
import type { Storage } from "../entities/storage.ts";
import { countOutcomes } from "../handlers/worker/count-outcomes.ts";
import { recordOf } from "../handlers/worker/record.ts";
import { hold, type OwnWorkerDeps } from "./claim.ts";
import { unknownOutcome } from "./outcome.ts";
import type { BatchEvent, Work, Worker } from "./own-worker.ts";
import type { WorkerSettings } from "./read-options.ts";

export type WorkerOutside = {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly chance: Chance;
  readonly log: Log;
};

type BatchRecord = BatchEvent["Records"][number];

/** Handles one record of a batch. Throws if it must come back. */
const handleRecord = async (
  deps: OwnWorkerDeps,
  { body }: BatchRecord,
  work: Work,
  { remainingMs, onCounted }: { remainingMs: number; onCounted: (one: CountedAttempt) => unknown },
): Promise<void> => {
  const record = recordOf(body);
  // Nothing is claimed that could not be settled: a lease taken now would only end.
  if (remainingMs < deps.timeoutMs + settleMs) throw new Error("No time is left for an attempt");
  const held = await hold(deps, record, { endsAt: deps.clock() + remainingMs, onCounted });
  if (!held) return;
  try {
    await work(held.claimed);
    if (!held.isDecided()) throw new Error("The work ended without complete, retry or fail");
  } catch (error) {
    // What was decided could not be stored: to store something else would contradict it.
    if (held.isDecided()) throw error;
    const { senderId, messageId, attempt } = record;
    deps.log.failure("work failed", error, { senderId, messageId, attempt });
    await held.settle(unknownOutcome);
  }
};

/** Returns a maker of workers. `worker` of the package has the time and chance of the system. */
export const workerOver =
  (outside: WorkerOutside) =>
  (storage: Storage, settings: WorkerSettings): Worker => {
    const deps = {
      ...settings,
      ...outside,
      messages: messageStore(storage),
      payloads: payloadStore(storage),
      attempts: attemptStore(storage),
      outcomes: outcomeStore(storage),
    };
    const { clock, log, leaseMs, metrics } = deps;

    const handler: Worker["handler"] = (work) => async (event, context) => {
      const counted: CountedAttempt[] = [];
      const onCounted = (one: CountedAttempt) => counted.push(one);
      const one = async (record: BatchRecord): Promise<readonly string[]> => {
        try {
          const remainingMs = context.getRemainingTimeInMillis();
          await handleRecord(deps, record, work, { remainingMs, onCounted });
          return [];
        } catch (error) {
          log.failure("record failed", error, { sqsMessageId: record.messageId });
          metrics.count("RecordsFailed");
          return [record.messageId];
        }
      };
      const failed = (await Promise.all(event.Records.map(one))).flat();
      await countOutcomes(deps, counted, context.getRemainingTimeInMillis());
      metrics.flush();
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    };

    const claim: Worker["claim"] = async (record) => {
      const endsAt = clock() + leaseMs + settleMs;
      const onCounted = async (one: CountedAttempt): Promise<void> => {
        await countOutcomes(deps, [one], leaseMs);
        metrics.flush();
      };
      const held = await hold(deps, { v: 1, ...record }, { endsAt, onCounted });
      metrics.flush();
      return held?.claimed;
    };
    return { handler, claim };
  };
