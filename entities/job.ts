import { CustomAttributeType } from "electrodb";
import {
  type Canary,
  type Job,
  type JobAction,
  type JobChange,
  type JobPlan,
  type JobStatus,
  jobActions,
  jobStatuses,
} from "../domain/job.ts";
import type { ListFilter } from "../domain/list-filter.ts";
import type { Entry } from "../domain/listing.ts";
import type { Fields } from "../domain/message-shape.ts";
import { type JobBatchStore, jobBatchStore } from "./job-batch.ts";
import { kindOf } from "./raw-item.ts";
import {
  casing,
  conditionalGo,
  type Described,
  goOptions,
  oncePerStorage,
  type Storage,
  service,
} from "./storage.ts";
import { tableDescription } from "./table.ts";

const { key } = tableDescription;
const texts = CustomAttributeType<readonly string[]>("any");

const jobEntity = oncePerStorage(
  ({ client, table, Entity }: Described) =>
    new Entity(
      {
        model: { service, entity: "job", version: "1" },
        attributes: {
          senderId: { type: "string", required: true },
          jobId: { type: "string", required: true },
          action: { type: jobActions as readonly JobAction[], required: true },
          filter: { type: CustomAttributeType<ListFilter>("any"), required: true },
          attempts: { type: "number" },
          ratePerSecond: { type: "number", required: true },
          canary: { type: CustomAttributeType<Canary>("any") },
          createdAt: { type: "number", required: true },
          before: { type: "number", required: true },
          plan: { type: CustomAttributeType<JobPlan>("any"), required: true },
          keyId: { type: "string" },
          address: { type: "string" },

          status: { type: jobStatuses as readonly JobStatus[], required: true },
          updatedAt: { type: "number", required: true },
          endedAt: { type: "number" },
          changes: { type: CustomAttributeType<readonly JobChange[]>("any"), required: true },
          done: { type: "number", required: true },
          failed: { type: "number", required: true },
          position: { type: CustomAttributeType<Entry>("any") },
          isListRead: { type: "boolean" },
          readings: { type: "number", required: true },
          taken: { type: "number", required: true },
          batch: { type: texts, required: true },
          takenAs: { type: "number" },
          tries: { type: "number", required: true },
          stage: { type: "number", required: true },
          sample: { type: texts, required: true },
          paceAt: { type: "number", required: true },

          // The attributes of the due index, which holds whatever the dispatcher must look at.
          dueAt: { type: "number" },
          dueShard: { type: "string" },
          revision: { type: "number", required: true },
          writeId: { type: "string", required: true },
          ttl: { type: "number", required: true },
        },
        indexes: {
          primary: {
            pk: { field: key.pk, composite: ["senderId"], casing },
            sk: { field: key.sk, composite: ["jobId"], casing },
          },
        },
      } as const,
      { client, table },
    ),
);

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
  const entity = jobEntity(storage);
  const read = async ({ senderId, jobId }: Pick<Job, "senderId" | "jobId">) => {
    const { data } = await entity.get({ senderId, jobId }).go({ ...goOptions, consistent: true });
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
      const { rejected, data } = await entity
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
      const { data, cursor } = await entity.query
        .primary({ senderId })
        .go({ ...goOptions, ...page });
      const jobs: readonly Job[] = data;
      return { items: jobs.filter((job) => !isOver(job, now)), next: cursor };
    },
    replace: async (job) => {
      const { rejected, data } = await entity
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
