import type { Status } from "./answers.ts";
import type { Call, CallOptions } from "./call.ts";
import type {
  CreatedJob,
  Job,
  JobCount,
  JobCountPage,
  JobPage,
  JobPlan,
  JobVerb,
} from "./job-answers.ts";
import { listed } from "./listed.ts";
import { queryOf } from "./paths.ts";
import type { JobAsked } from "./requests.ts";

/** Returns what two parts of a job are together. */
const together = (one: JobCount, other: JobCount): JobCount => {
  const byStatus = { ...one.byStatus };
  for (const status of Object.keys(byStatus) as Status[])
    byStatus[status] += other.byStatus[status];
  const expired = one.expired + other.expired;
  return { counted: one.counted + other.counted, byStatus, expired };
};

/** Returns what a client does with jobs. */
export const jobCalls = (call: Call) => {
  const path = "/v1/jobs";
  const change = (jobId: string, verb: JobVerb, options?: CallOptions) =>
    call<Job>({ method: "POST", path: `${path}/${encodeURIComponent(jobId)}/${verb}` }, options);

  return {
    /** Says how many messages match and what that takes. Nothing is done. */
    plan: async (asked: JobAsked, options?: CallOptions) => {
      const body = { ...asked, planOnly: true };
      return (await call<{ plan: JobPlan }>({ method: "POST", path, body }, options)).plan;
    },
    /** Makes the job of a plan of the same. Of one plan there is one job, also after a repeat. */
    start: (asked: JobAsked, plan: Pick<JobPlan, "token">, options?: CallOptions) =>
      call<CreatedJob>({ method: "POST", path, body: { ...asked, plan: plan.token } }, options),
    get: (jobId: string, options?: CallOptions) =>
      call<Job>({ method: "GET", path: `${path}/${encodeURIComponent(jobId)}` }, options),
    /**
     * Counts what the messages are now that a job has acted on, by a request for each thousand of
     * them.
     */
    counts: async (jobId: string, options?: CallOptions): Promise<JobCount> => {
      const of = `${path}/${encodeURIComponent(jobId)}/counts`;
      let total: JobCount | undefined;
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const ask = { method: "GET", path: `${of}${queryOf({ cursor })}` } as const;
        const { nextCursor, ...page }: JobCountPage = await call(ask, options);
        total = total === undefined ? page : together(total, page);
        cursor = nextCursor;
      }
      return total as JobCount;
    },
    /** Yields your jobs, the newest first. */
    list: (options?: CallOptions) => listed<JobPage["items"][number]>(call, path, {}, options),
    pause: (jobId: string, options?: CallOptions) => change(jobId, "pause", options),
    resume: (jobId: string, options?: CallOptions) => change(jobId, "resume", options),
    cancel: (jobId: string, options?: CallOptions) => change(jobId, "cancel", options),
  };
};
