import { inTurn } from "../../adapters/in-turn.ts";
import type { Job } from "../../domain/job.ts";
import { limits } from "../../domain/limits.ts";
import { finishBatch } from "./finish-batch.ts";
import { nextStep } from "./next-step.ts";
import { Overtaken, type Run, type RunJobDeps, storeJob } from "./store-job.ts";

/** How long a run keeps a job to itself. A run that dies leaves it to the next one after that. */
const holdMs = 2 * limits.jobRunMsMax;

/**
 * Works at a job until it has to wait, it has ended, or the time is over. A batch is stored before
 * it is acted on, and counted by the write that stores the next one: a crash in between leaves a
 * batch that the next run acts on again, and nothing is done twice.
 */
const workAt = async (run: Run, taken: Job): Promise<Job> => {
  let job = taken;
  for (;;) {
    const worked = job.batch.length > 0 ? await finishBatch(run, job) : job;
    const step = await nextStep(run, worked);
    if (step.kind === "leave") return storeJob(run, step.job, worked);
    job = step.job.batch.length > 0 ? await storeJob(run, step.job, worked) : step.job;
  }
};

/** Keeps a job to this run for a while. Returns undefined if there is nothing to do at it. */
const hold = async (run: RunJobDeps, key: Pick<Job, "senderId" | "jobId">) => {
  const now = run.clock();
  const job = await run.jobs.get(key, now);
  if (job?.status !== "RUNNING" || (job.dueAt ?? now) > now) return undefined;
  return storeJob(run, { ...job, dueAt: now + holdMs });
};

/** Works at a job, if there is something to do at it. `remainingMs` is what its run has left. */
export type RunJob = (
  key: Pick<Job, "senderId" | "jobId">,
  context: { readonly remainingMs: () => number },
) => Promise<void>;

/**
 * Returns a function that works at a job: once at a time, however many runs there are. Every write
 * is conditional on the job as it was seen, so a run that is overtaken stops.
 */
export const jobRunner = (deps: RunJobDeps): RunJob => {
  const take = inTurn(limits.jobCallsMax);
  return async (key, { remainingMs }) => {
    const { clock, log } = deps;
    const startedAt = clock();
    const hasTime = (): boolean =>
      clock() - startedAt < limits.jobRunMsMax && remainingMs() > limits.dispatchMarginMs;
    try {
      const held = await hold(deps, key);
      if (!held) return;
      const job = await workAt({ ...deps, take, hasTime }, held);
      const { senderId, jobId, action, status, done, failed } = job;
      log.line({
        ...{ event: "job", senderId, jobId, action, status, done, failed },
        durationMs: clock() - startedAt,
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  };
};
