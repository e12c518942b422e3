import { PostriderError } from "../client/error.ts";
import type { Job } from "../client/job-answers.ts";
import { spanInWords } from "../domain/duration.ts";
import { Failed } from "./failed.ts";
import type { Io } from "./io.ts";
import { jobLines } from "./job-lines.ts";
import { show } from "./show.ts";
import type { WithClient } from "./with-client.ts";

const everyMs = 1000;
const barWidth = 24;

/** Returns how far a job is, in a line with a bar. */
const progressText = ({ progress, ratePerSecond, why }: Job): string => {
  const { done, failed, left } = progress;
  const total = done + failed + left;
  const share = total === 0 ? 1 : (done + failed) / total;
  const filled = Math.floor(share * barWidth);
  const bar = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)}`;
  const rest = `about ${spanInWords((left / ratePerSecond) * 1000)} left`;
  return `${bar} ${Math.floor(share * 100)} %  ${done + failed} of ${total}, ${rest}. ${why}`;
};

const goOn = (jobId: string): string => `Go on with: postrider jobs resume ${jobId}`;

/** Pauses a job after Ctrl-C, and says how to go on. */
const pause = async (io: Io, { client }: WithClient, jobId: string): Promise<Failed> => {
  try {
    io.err("Pausing the job. Press Ctrl-C again to leave it as it is.");
    await client.jobs.pause(jobId);
    return new Failed({
      kind: "stopped",
      what: `The job ${jobId} is paused. What it did stays.`,
      next: goOn(jobId),
    });
  } catch (error) {
    if (!(error instanceof PostriderError)) throw error;
    const isOver = error.code === "INVALID_STATE";
    return new Failed({
      kind: "stopped",
      what: isOver
        ? `The job ${jobId} is ${error.jobStatus} already.`
        : `It is not known whether the job ${jobId} was paused: ${error.message}`,
      next: `See postrider jobs get ${jobId}.`,
    });
  }
};

const nextOf: Readonly<Record<string, string>> = {
  CANCELLED: "What it did before stays. To do the rest, run the command again.",
};

/** Returns the failure of a job that did not end well; `undefined` for one that is done. */
const failureOf = ({ jobId, status }: Job): Failed | undefined => {
  if (status === "DONE") return undefined;
  return new Failed({
    kind: "bad",
    what: `The job ${jobId} is ${status}.`,
    next: nextOf[status] ?? goOn(jobId),
  });
};

type Options = { readonly isJson: boolean | undefined; readonly pausesOnStop: boolean };

/**
 * Follows a job until it has ended or waits for a person, and shows it. With `pausesOnStop` Ctrl-C
 * pauses the job, otherwise it only ends the command.
 */
export const followJob = async (
  io: Io,
  given: WithClient,
  begun: Job,
  { isJson, pausesOnStop }: Options,
): Promise<void> => {
  const { client, stoppable } = given;
  let job = begun;
  try {
    while (job.status === "RUNNING" && !stoppable.signal.aborted) {
      io.progress(progressText(job));
      await io.sleep(everyMs, stoppable.signal);
      if (!stoppable.signal.aborted) job = await client.jobs.get(job.jobId, stoppable);
    }
  } catch (error) {
    if (!stoppable.signal.aborted) throw error;
  } finally {
    io.progress("");
  }
  if (stoppable.signal.aborted) {
    if (pausesOnStop) throw await pause(io, given, job.jobId);
    throw stoppable.signal.reason;
  }
  show(io, isJson, job, jobLines(job));
  const failure = failureOf(job);
  if (failure) throw failure;
};
