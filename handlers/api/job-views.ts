import type { Job, JobPlan } from "../../domain/job.ts";
import { leftOf, possibleJobVerbs, scheduledOf, whyOfJob } from "../../domain/job-words.ts";
import type { ListFilter, Target } from "../../domain/list-filter.ts";
import type { JobCount } from "../jobs/count-job.ts";
import type { PlanGroup } from "../jobs/plan-job.ts";
import { iso } from "./views.ts";

const targetText = (target: Target): string => {
  if (target.kind === "url") return target.url;
  return target.port === undefined ? target.hostname : `${target.hostname}:${target.port}`;
};

const filterView = ({ target, from, to, status, reason }: ListFilter) => ({
  ...{ status, reason, from: iso(from), to: iso(to) },
  ...(target && { target: targetText(target) }),
});

/** Returns what is planned: how many messages, what it costs, and how long it takes at the rate. */
const planView = ({ count, isExact, writeUnits }: JobPlan, ratePerSecond: number) => ({
  ...{ count, isExact, writeUnits },
  seconds: Math.ceil(count / ratePerSecond),
});

/** Returns the answer to a request for a plan. `token` makes a job of it. */
export const plannedView = (
  plan: JobPlan,
  groups: readonly PlanGroup[],
  { ratePerSecond, token, at }: { ratePerSecond: number; token: string; at: number },
) => ({ plan: { ...planView(plan, ratePerSecond), groups, plannedAt: iso(at), token } });

/** Returns a job as its sender sees it. */
export const jobView = (job: Job, now: number) => ({
  jobId: job.jobId,
  action: job.action,
  filter: filterView(job.filter),
  status: job.status,
  why: whyOfJob(job, now),
  canDo: possibleJobVerbs(job),
  plan: planView(job.plan, job.ratePerSecond),
  progress: {
    ...{ done: job.done, failed: job.failed, left: leftOf(job) },
    scheduled: scheduledOf(job, now),
  },
  ratePerSecond: job.ratePerSecond,
  ...(job.action === "replay" && { canary: job.canary ?? false }),
  attempts: job.attempts,
  by: { keyId: job.keyId, address: job.address },
  createdAt: iso(job.createdAt),
  updatedAt: iso(job.updatedAt),
  endedAt: iso(job.endedAt),
  changes: job.changes.map(({ verb, at, keyId, address }) => ({
    ...{ verb, at: iso(at), by: { keyId, address } },
  })),
});

/** Returns what messages of a job are now, and the cursor of the next ones. */
export const jobCountView = (
  { counted, byStatus, expired }: Omit<JobCount, "next">,
  nextCursor: string | null,
) => ({ counted, byStatus, expired, nextCursor });

/** Returns the answer that makes a job, or that finds the one of the same plan. */
export const createdJobView = (job: Job, duplicate: boolean, now: number) => ({
  ...jobView(job, now),
  duplicate,
});
