import type { JobPast } from "../invariants/past.ts";
import type { Config } from "./config.ts";
import { type JobState, jobStages, jobStatuses } from "./state.ts";
import { jobId } from "./world.ts";

/** How many characters of a key are for jobs. */
export const jobBytesOf = ({ jobs }: Config): number => (jobs > 0 ? 1 + 2 * jobs : 0);

/** Returns what a state has of its jobs as bytes: nothing in a world without them. */
export const bytesOfJobs = (
  jobs: readonly JobState[],
  changesLeft: number,
  pasts: Readonly<Record<string, JobPast>> = {},
): readonly number[] =>
  jobs.length === 0
    ? []
    : [
        changesLeft,
        ...jobs.flatMap(({ status, stage, isAgain, planned, entered }, index) => [
          jobStatuses.indexOf(status) |
            (jobStages.indexOf(stage) << 3) |
            (isAgain ? 1 << 5 : 0) |
            (pasts[jobId(index)]?.hasReplayed === true ? 1 << 6 : 0),
          planned | (entered === undefined ? 0 : (entered + 1) << 3),
        ]),
      ];

/** Reads the bytes of a job. What is remembered of it follows from what is stored, but for one bit. */
const jobFrom = (one: number, two: number): { readonly job: JobState; readonly past: JobPast } => {
  const status = jobStatuses[one & 7] ?? "none";
  const planned = two & 7;
  const entered = two >> 3 === 0 ? undefined : (two >> 3) - 1;
  return {
    job: {
      ...{ status, stage: jobStages[(one >> 3) & 3] ?? "list", isAgain: (one & 32) !== 0 },
      planned,
      ...(entered !== undefined && { entered }),
    },
    past: {
      planned,
      ...(entered !== undefined && { entered }),
      hasReplayed: (one & 64) !== 0,
    },
  };
};

/** Returns the jobs of a state, and what is remembered of each. */
export const jobsFrom = (count: number, code: (index: number) => number) => {
  const read = Array.from({ length: count }, (_, index) =>
    jobFrom(code(1 + 2 * index), code(2 + 2 * index)),
  );
  return {
    jobs: read.map(({ job }) => job),
    jobChanges: count === 0 ? 0 : code(0),
    pasts: Object.fromEntries(
      read.flatMap(({ job, past }, index) => (job.status === "none" ? [] : [[jobId(index), past]])),
    ),
  };
};

/** Whether a job need not go on by itself: it has ended, waits for a person, or was never made. */
export const isAtRest = ({ status }: JobState): boolean => status !== "RUNNING";
