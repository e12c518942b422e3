import { isJobVerbAllowed, type Job, type JobVerb, jobVerbs } from "./job.ts";

const messagesIn = (count: number): string => `${count} ${count === 1 ? "message" : "messages"}`;

const acted = ({ action, done, failed }: Job): string => {
  const doing =
    action === "replay" ? "replayed" : "cancelled (one in an attempt, once that has ended)";
  const others = failed === 0 ? "" : `, and ${messagesIn(failed)} could not be`;
  return `${messagesIn(done)} ${done === 1 ? "was" : "were"} ${doing}${others}`;
};

/**
 * Returns how many messages of a replay are still to begin, each in its time: a job schedules those
 * of the next minute at once.
 */
export const scheduledOf = ({ action, done, ratePerSecond, paceAt }: Job, now: number): number =>
  action === "replay"
    ? Math.min(done, Math.max(0, Math.ceil(((paceAt - now) / 1000) * ratePerSecond)))
    : 0;

const toCome = (job: Job, now: number): string => {
  const count = scheduledOf(job, now);
  return count === 0
    ? ""
    : ` Of them ${messagesIn(count)} ${count === 1 ? "is" : "are"} still to begin, within a minute.`;
};

/** Returns a sentence about where a job is, and why. */
export const whyOfJob = (job: Job, now: number): string => {
  const { status, sample, canary } = job;
  switch (status) {
    case "RUNNING":
      if (sample.length > 0)
        return `It replayed ${messagesIn(sample.length)} to begin with, and waits for what comes of ${sample.length === 1 ? "its first attempt" : "their first attempts"}.`;
      return job.done + job.failed + job.batch.length === 0
        ? "It begins with the next run of the dispatcher, within a minute."
        : `It is at work: ${acted(job)} so far.`;
    case "PAUSED":
      return `It was paused: ${acted(job)} so far.${toCome(job, now)} Resume it to go on, or cancel it.`;
    case "STOPPED":
      return `It stopped by itself, because more than ${Math.round((canary?.failShareMax ?? 0) * 100)} % of its first messages failed again. Mend the target and resume it, or cancel it.`;
    case "DONE":
      return `It is over: ${acted(job)}.${toCome(job, now)}`;
    case "CANCELLED":
      return `It was cancelled: ${acted(job)} before.${toCome(job, now)}`;
  }
};

/** Returns what a person can do with a job in its state. */
export const possibleJobVerbs = (job: Pick<Job, "status">): readonly JobVerb[] =>
  jobVerbs.filter((verb) => isJobVerbAllowed(verb, job));

/** Returns how many messages are left, at least: none once a job is DONE. */
export const leftOf = ({ status, plan, done, failed }: Job): number =>
  status === "DONE" ? 0 : Math.max(0, plan.count - done - failed);
