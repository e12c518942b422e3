import type { Job } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { type Status, statuses } from "../../domain/message.ts";
import type { JobStore } from "../../entities/job.ts";
import type { MessageStatusReader } from "../../entities/message-statuses.ts";

export type CountJobDeps = {
  readonly jobs: Pick<JobStore, "batchesOf">;
  readonly lists: MessageStatusReader;
};

/** What messages of a job are now. `next` is where to go on, or null if those were all. */
export type JobCount = {
  readonly counted: number;
  readonly byStatus: Readonly<Record<Status, number>>;
  /** Those that are not stored any more. Others may have taken their ids. */
  readonly expired: number;
  readonly next: string | null;
};

/** As many as `jobCountedMax` messages may be in. */
const batchesMax = limits.jobCountedMax / limits.jobBatchMax;

/**
 * Counts the messages that a job has acted on by what they are now, `jobCountedMax` at a time: also
 * those for which it came too late. Reads each of them, and no other.
 */
export const countJob = async (
  { jobs, lists }: CountJobDeps,
  job: Pick<Job, "senderId" | "jobId" | "before">,
  after: string | null,
  now: number,
): Promise<JobCount> => {
  const { items, next } = await jobs.batchesOf(job, { after, limit: batchesMax });
  const read = await Promise.all(
    items.map((messageIds) => lists.statuses(job.senderId, messageIds)),
  );
  const own = read
    .flat()
    .filter(({ createdAt, ttl }) => createdAt < job.before && ttl * 1000 > now);
  const counted = items.reduce((sum, { length }) => sum + length, 0);
  const countOf = (status: Status): number => own.filter((each) => each.status === status).length;
  return {
    counted,
    byStatus: Object.fromEntries(
      statuses.map((status) => [status, countOf(status)]),
    ) as JobCount["byStatus"],
    expired: counted - own.length,
    next,
  };
};
