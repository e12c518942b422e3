import { canarySizes, type Job } from "../../domain/job.ts";
import { paceOf } from "../../domain/job-pace.ts";
import { actOnMessage, type JobResult } from "./act-on-message.ts";
import type { Run } from "./store-job.ts";

/** How often a batch is tried before what cannot be acted on is given up. */
const triesMax = 5;

const countOf = (results: readonly (JobResult | undefined)[], wanted: JobResult): number =>
  results.filter((result) => result === wanted).length;

/**
 * Acts on the batch of a job, each message in its time, and counts the results. A message that
 * could not be acted on for a reason of ours stays in the batch; at the last try it counts as
 * failed, so that one damaged message does not keep the others waiting for ever.
 *
 * The ids are kept before the results are counted: a crash in between keeps the same ones again.
 */
export const finishBatch = async (run: Run, job: Job): Promise<Job> => {
  const { senderId, jobId, batch } = job;
  const now = run.clock();
  const isCanary = job.stage < canarySizes.length;
  const { times, paceAt } = paceOf(job, batch.length, now);
  const isLastTry = job.tries + 1 >= triesMax;
  const actOn = async (messageId: string, at: number): Promise<JobResult | undefined> => {
    try {
      return await run.take(() => actOnMessage(run, job, messageId, at));
    } catch (error) {
      run.log.failure("job action failed", error, { senderId, jobId, messageId });
      return isLastTry ? "failed" : undefined;
    }
  };
  const results = await Promise.all(
    batch.map((messageId, index) => actOn(messageId, isCanary ? now : (times[index] ?? now))),
  );
  if (job.tries === 0) await run.jobs.keepBatch(job);
  const replayed = batch.filter((_, index) => results[index] === "done");
  const left = batch.filter((_, index) => results[index] === undefined);
  return {
    ...job,
    done: job.done + countOf(results, "done"),
    failed: job.failed + countOf(results, "failed"),
    batch: left,
    tries: left.length > 0 ? job.tries + 1 : 0,
    ...(isCanary ? { sample: [...job.sample, ...replayed] } : { paceAt }),
  };
};
