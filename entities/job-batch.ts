import type { Job } from "../domain/job.ts";
import { loadEntities } from "./load-entities.ts";
import { conditionalGo, goOptions, type Storage } from "./storage.ts";

/** The messages that a job was at, a hundred to an item: so it is known later which those are. */
export type JobBatchStore = {
  /**
   * Keeps the ids of the batch of a job. A job has its batches one after the other, each under the
   * revision that took it: to keep one again, after a crash or by two runs, changes nothing.
   */
  readonly keepBatch: (job: Job) => Promise<void>;
  /** Returns the ids of at most `limit` batches in the order in which they were taken. */
  readonly batchesOf: (
    job: Pick<Job, "senderId" | "jobId">,
    ask: { readonly after: string | null; readonly limit: number },
  ) => Promise<{ readonly items: readonly (readonly string[])[]; readonly next: string | null }>;
};

export const jobBatchStore = (storage: Storage): JobBatchStore => {
  const entity = async () => (await loadEntities()).jobBatchEntity(storage);
  return {
    keepBatch: async ({ senderId, jobId, takenAs, batch, ttl }) => {
      // Of a batch that an older version took: it kept none.
      if (takenAs === undefined) return;
      await (await entity())
        .put({ senderId, jobId, takenAs, messageIds: [...batch], ttl })
        .where((at, { notExists }) => notExists(at.ttl))
        .go(conditionalGo);
    },
    batchesOf: async ({ senderId, jobId }, { after, limit }) => {
      const page = { cursor: after, limit, pages: 1 } as const;
      const { data, cursor } = await (await entity()).query
        .primary({ senderId, jobId })
        .go({ ...goOptions, ...page });
      return { items: data.map(({ messageIds }) => messageIds), next: cursor };
    },
  };
};
