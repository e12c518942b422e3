import type { Chance } from "../../adapters/chance.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { DoneBy } from "../../domain/action-entry.ts";
import {
  isJobVerbAllowed,
  type Job,
  type JobVerb,
  jobLifecycle,
  nextRevision,
  steeredJob,
} from "../../domain/job.ts";
import { Problem } from "../../domain/problem.ts";
import { shardOf } from "../../domain/shard.ts";
import type { JobStore } from "../../entities/job.ts";

export type SteerJobDeps = {
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly shards: number;
};

/** Returns the same bytes whether it is missing or another sender's. */
export const noJob = (): Problem => new Problem("NOT_FOUND", "There is no such job.");

/** Returns the shard of the due index that a job is in. */
export const dueShardOf = (
  { senderId, jobId }: Pick<Job, "senderId" | "jobId">,
  shards: number,
): string => shardOf({ senderId, messageId: jobId }, shards);

/** A run of the dispatcher changes a job a few times a second; each refused write saw that. */
const triesMax = 8;

/**
 * Pauses, resumes or cancels a job by one conditional write. A job that is in the state already is
 * left as it is. Throws INVALID_STATE if its state does not allow it.
 *
 * A run of the dispatcher that is at work at it finishes the messages that it has begun, a hundred
 * at most, and takes no others.
 */
export const steerJob = async (
  { jobs, clock, chance, shards }: SteerJobDeps,
  found: Job,
  verb: JobVerb,
  by: DoneBy,
): Promise<Job> => {
  let job = found;
  for (let tries = 0; tries < triesMax; tries += 1) {
    if (job.status === jobLifecycle[verb].to) return job;
    if (!isJobVerbAllowed(verb, job))
      throw new Problem("INVALID_STATE", `The job is ${job.status}: it cannot ${verb}.`, {
        jobStatus: job.status,
      });
    const now = clock();
    const steered = steeredJob(job, verb, { now, by, dueShard: dueShardOf(job, shards) });
    const next = nextRevision(steered, { now, writeId: chance.token() });
    const stored = await jobs.replace(next);
    if (stored.kind === "done") return next;
    if (!stored.current) throw noJob();
    job = stored.current;
  }
  throw new Problem("SYSTEM_ERROR", "The job kept changing. Repeating the request is safe.");
};
