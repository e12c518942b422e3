import {
  canarySizes,
  hasJobEnded,
  isJobVerbAllowed,
  type Job,
  type JobVerb,
  jobVerbs,
} from "./job.ts";

const messagesIn = (count: number): string => `${count} ${count === 1 ? "message" : "messages"}`;

const acted = ({ action, done, failed }: Job): string => {
  const doing = action === "replay" ? "replayed" : "cancelled";
  const others = failed === 0 ? "" : `, and ${messagesIn(failed)} could not be`;
  return `${messagesIn(done)} ${done === 1 ? "was" : "were"} ${doing}${others}`;
};

/** Returns a sentence about where a job is, and why. */
export const whyOfJob = (job: Job): string => {
  const { status, sample, stage, canary } = job;
  switch (status) {
    case "RUNNING":
      if (sample.length > 0)
        return `${messagesIn(sample.length)} of ${canarySizes[stage]} to begin with: the job waits for what comes of their first attempts.`;
      return job.done + job.failed === 0
        ? "It begins with the next run of the dispatcher, within a minute."
        : `It is at work: ${acted(job)} so far.`;
    case "PAUSED":
      return `It was paused: ${acted(job)} so far. Resume it to go on, or cancel it.`;
    case "STOPPED":
      return `It stopped by itself, because more than ${Math.round((canary?.failShareMax ?? 0) * 100)} % of its first messages failed again. Mend the target and resume it, or cancel it.`;
    case "DONE":
      return `It is over: ${acted(job)}.`;
    case "CANCELLED":
      return `It was cancelled: ${acted(job)} before.`;
  }
};

/** Returns what a person can do with a job in its state. */
export const possibleJobVerbs = (job: Pick<Job, "status">): readonly JobVerb[] =>
  jobVerbs.filter((verb) => isJobVerbAllowed(verb, job));

/** Returns how many messages are left, at least: none once a job has ended. */
export const leftOf = ({ status, plan, done, failed }: Job): number =>
  hasJobEnded(status) ? 0 : Math.max(0, plan.count - done - failed);
