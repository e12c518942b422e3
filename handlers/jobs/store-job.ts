import type { InTurn } from "../../adapters/in-turn.ts";
import { type Job, jobTtlAt } from "../../domain/job.ts";
import type { JobStore } from "../../entities/job.ts";
import type { ListPageDeps } from "../api/list-page.ts";
import type { ActOnMessageDeps } from "./act-on-message.ts";

export type RunJobDeps = ActOnMessageDeps & ListPageDeps & { readonly jobs: JobStore };

/** A run at jobs: its limit of messages at a time, and whether it has time for more of them. */
export type Run = RunJobDeps & {
  readonly take: InTurn;
  readonly hasTime: () => boolean;
};

/** The job was changed by somebody else: a person, or another run. This run leaves it. */
export class Overtaken extends Error {}

const written = ({ clock, chance }: RunJobDeps, job: Job): Job => {
  const now = clock();
  const next = { revision: job.revision + 1, writeId: chance.token(), updatedAt: now };
  return { ...job, ...next, ttl: jobTtlAt(now) };
};

/**
 * Stores a job as it is now. Throws Overtaken if somebody else changed it. `worked` is the job
 * after its last batch: if a person paused or cancelled it meanwhile, that is stored with the
 * person's change, because it was done. If even that is refused, the batch is still stored, and the
 * next run finds that it was done.
 */
export const storeJob = async (run: RunJobDeps, changed: Job, worked: Job): Promise<Job> => {
  const next = written(run, changed);
  const stored = await run.jobs.replace(next);
  if (stored.kind === "done") return next;
  const { current } = stored;
  if (current && current.status !== "RUNNING" && current.revision === changed.revision + 1) {
    const { done, failed, batch, tries, sample, paceAt } = worked;
    await run.jobs.replace(
      written(run, { ...current, done, failed, batch, tries, sample, paceAt }),
    );
  }
  throw new Overtaken("The job was changed meanwhile");
};
