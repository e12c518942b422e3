import type { Call, CallOptions } from "./call.ts";
import type { CreatedJob, Job, JobPage, JobPlan, JobVerb } from "./job-answers.ts";
import { listed } from "./listed.ts";
import type { JobAsked } from "./requests.ts";

/** What a client does with jobs. */
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
    /** Yields your jobs, the newest first. */
    list: (options?: CallOptions) => listed<JobPage["items"][number]>(call, path, {}, options),
    pause: (jobId: string, options?: CallOptions) => change(jobId, "pause", options),
    resume: (jobId: string, options?: CallOptions) => change(jobId, "resume", options),
    cancel: (jobId: string, options?: CallOptions) => change(jobId, "cancel", options),
  };
};
