import type { Job } from "../domain/job.ts";
import type { Fields } from "../domain/message-shape.ts";
import { type JobBatchStore, jobBatchStore } from "./job-batch.ts";
import { loadEntities } from "./load-entities.ts";
import { kindOf } from "./raw-item.ts";
import { conditionalGo, goOptions, type Storage } from "./storage.ts";

/** The result of a write: stored by this call, or lost because the job was changed or exists. */
export type JobStored =
  | { readonly kind: "done" }
  | { readonly kind: "lost"; readonly current?: Job };

/** The jobs of the table. Each write is one conditional put of the whole job. */
export type JobStore = JobBatchStore & {
  /** Stores a new job unless there is one with its id. */
  readonly create: (job: Job) => Promise<JobStored>;
  readonly get: (key: Pick<Job, "senderId" | "jobId">, now: number) => Promise<Job | undefined>;
  /** Returns jobs of a sender, the newest first, of which the table examines at most `limit`. */
  readonly list: (
    senderId: string,
    ask: { readonly after: string | null; readonly limit: number },
    now: number,
  ) => Promise<{ readonly items: readonly Job[]; readonly next: string | null }>;
  /** Replaces the job that the caller saw: `revision` is one more than there. */
  readonly replace: (job: Job) => Promise<JobStored>;
};

const isOver = ({ ttl }: { readonly ttl: number }, now: number): boolean => ttl * 1000 <= now;

/** Tells whether the attributes of an item of the due index are those of a job. */
export const isJobItem = (fields: Fields): boolean => kindOf(fields) === "job";

export const jobStore = (storage: Storage): JobStore => {
  const entity = async () => (await loadEntities()).jobEntity(storage);
  const read = async ({ senderId, jobId }: Pick<Job, "senderId" | "jobId">) => {
    const { data } = await (await entity())
      .get({ senderId, jobId })
      .go({ ...goOptions, consistent: true });
    return data ?? undefined;
  };
  /** The SDK retries a put whose answer was lost. The token identifies its own first try. */
  const outcomeOf = async (job: Job, seen: Job | undefined): Promise<JobStored> => {
    const current = seen ?? (await read(job));
    return current?.writeId === job.writeId
      ? { kind: "done" }
      : { kind: "lost", ...(current && { current }) };
  };
  return {
    ...jobBatchStore(storage),
    create: async (job) => {
      const { rejected, data } = await (await entity())
        .put({ ...job, ...asStored(job) })
        .where(({ revision }, { notExists }) => notExists(revision))
        .go(conditionalGo);
      return rejected ? outcomeOf(job, data ?? undefined) : { kind: "done" };
    },
    get: async (jobKey, now) => {
      const job = await read(jobKey);
      return job && !isOver(job, now) ? job : undefined;
    },
    list: async (senderId, { after, limit }, now) => {
      const page = { cursor: after, limit, pages: 1, order: "desc", consistent: true } as const;
      const { data, cursor } = await (await entity()).query
        .primary({ senderId })
        .go({ ...goOptions, ...page });
      const jobs: readonly Job[] = data;
      return { items: jobs.filter((job) => !isOver(job, now)), next: cursor };
    },
    replace: async (job) => {
      const { rejected, data } = await (await entity())
        .put({ ...job, ...asStored(job) })
        .where(({ revision }, { eq }) => eq(revision, job.revision - 1))
        .go(conditionalGo);
      return rejected ? outcomeOf(job, data ?? undefined) : { kind: "done" };
    },
  };
};

/** Returns the lists of a job as copies: ElectroDB wants mutable ones. */
const asStored = ({ changes, batch, sample }: Job) => ({
  ...{ changes: [...changes], batch: [...batch], sample: [...sample] },
});
