import type { InTurn } from "../../adapters/in-turn.ts";
import { type Job, nextRevision } from "../../domain/job.ts";
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

/**
 * Stores a job as it is now. Throws Overtaken if somebody else changed it. `worked` is the job
 * after its last batch, if it had one: if there was one change meanwhile, such as a pause, the batch
 * is counted beside it, because it was done. If even that is refused, the batch is still
 * stored, and the next run finds that it was done.
 */
export const storeJob = async (
  { jobs, clock, chance }: RunJobDeps,
  changed: Job,
  worked?: Job,
): Promise<Job> => {
  const written = (job: Job): Job => nextRevision(job, { now: clock(), writeId: chance.token() });
  const next = written(changed);
  const stored = await jobs.replace(next);
  if (stored.kind === "done") return next;
  const { current } = stored;
  // One change since: a person's, or another run has taken the job and done nothing yet. After more
  // of them others may have counted what this run did.
  if (worked && current?.revision === changed.revision + 1) {
    const { done, failed, batch, tries, sample, paceAt } = worked;
    await jobs.replace(written({ ...current, done, failed, batch, tries, sample, paceAt }));
  }
  throw new Overtaken("The job was changed meanwhile");
};
