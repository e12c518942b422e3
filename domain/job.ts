import type { DoneBy } from "./action-entry.ts";
import { limits } from "./limits.ts";
import type { ListFilter } from "./list-filter.ts";
import type { Entry } from "./listing.ts";
import type { Status } from "./message.ts";

/** What a job does to every message that matches its filter. */
export const jobActions = ["replay", "cancel"] as const;
export type JobAction = (typeof jobActions)[number];

/** The messages that each action is for. The first applies where a filter names no status. */
export const jobStatusesFor = {
  replay: ["FAILED", "CANCELLED", "COMPLETED"],
  cancel: ["unfinished", "PENDING", "QUEUED", "PROCESSING"],
} as const satisfies Record<JobAction, readonly (Status | "unfinished")[]>;

/**
 * Where a job is. RUNNING: the dispatcher works at it. PAUSED: by a person. STOPPED: too many of
 * its canaries failed again. A job ends as DONE or CANCELLED.
 */
export const jobStatuses = ["RUNNING", "PAUSED", "STOPPED", "DONE", "CANCELLED"] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** How many messages are replayed first, and how many next, before all the others. */
export const canarySizes = [1, 10] as const;

/** Stop if more than this share of the canaries fails again. */
export type Canary = { readonly failShareMax: number };

/** How many messages match, and what it takes to act on them. */
export type JobPlan = {
  /** Exact, or the least that it can be. */
  readonly count: number;
  readonly isExact: boolean;
  /** About how many write units it takes (Amazon DynamoDB). */
  readonly writeUnits: number;
};

/** A change of a job that a person made. */
export type JobChange = {
  readonly verb: JobVerb;
  readonly at: number;
  readonly keyId?: string | undefined;
  readonly address?: string | undefined;
};

/** What was asked for. It never changes. */
export type JobAsked = {
  readonly action: JobAction;
  readonly filter: ListFilter;
  /** How many attempts each replay gets. As many as the round before, by default. */
  readonly attempts?: number;
  readonly ratePerSecond: number;
  readonly canary?: Canary;
};

/** A job: one action on every message of a sender that matches a filter. */
export type Job = JobAsked & {
  readonly senderId: string;
  readonly jobId: string;
  readonly createdAt: number;
  /** Messages that were submitted, or that ended, at this time or later are left alone. */
  readonly before: number;
  readonly plan: JobPlan;
  readonly keyId?: string | undefined;
  readonly address?: string | undefined;

  readonly status: JobStatus;
  readonly updatedAt: number;
  readonly endedAt?: number;
  readonly changes: readonly JobChange[];
  /** Messages that were acted on, and those for which that was not possible any more. */
  readonly done: number;
  readonly failed: number;

  // How far it is.
  /** The last entry of the list that was taken. Absent before the first one. */
  readonly position?: Entry;
  /** The list was read to its end. */
  readonly isListRead?: boolean;
  /** How often the list was read to its end before, and how many messages were taken since. */
  readonly readings: number;
  readonly taken: number;
  /** The ids of messages that are being acted on. They are not counted yet. */
  readonly batch: readonly string[];
  /** The revision that took the batch, by which its ids are kept. An older version has none. */
  readonly takenAs?: number;
  /** How often acting on this batch failed, for a reason of ours. */
  readonly tries: number;
  /** The number of canary batches that have passed. After all of them the rest follows. */
  readonly stage: number;
  /** The ids of canaries whose outcome decides. */
  readonly sample: readonly string[];
  /** When the next message may be replayed. */
  readonly paceAt: number;

  // As in messages: when the dispatcher must next check it. Absent unless it is RUNNING.
  readonly dueAt?: number;
  readonly dueShard?: string;
  /** The fence: each write has one more than it saw, and a token by which it knows itself. */
  readonly revision: number;
  readonly writeId: string;
  readonly ttl: number;
};

const dayMs = 86_400_000;

/**
 * Returns the `ttl` of a job that is written now: it is kept for some time after its last change.
 */
const ttlAt = (now: number): number => Math.ceil((now + limits.jobKeptDays * dayMs) / 1000);

/** Returns a new job, which the dispatcher begins with its next run. */
export const newJob = (
  asked: JobAsked,
  facts: Pick<Job, "senderId" | "jobId" | "before" | "plan" | "writeId"> & {
    readonly now: number;
    readonly by: DoneBy;
    readonly dueShard: string;
  },
): Job => {
  const { now, by, ...rest } = facts;
  return {
    ...asked,
    ...rest,
    ...(by.keyId !== undefined && { keyId: by.keyId }),
    ...(by.address !== undefined && { address: by.address }),
    ...{ createdAt: now, updatedAt: now, status: "RUNNING", changes: [] },
    ...{ done: 0, failed: 0, readings: 0, taken: 0, batch: [], tries: 0, sample: [] },
    stage: asked.canary ? 0 : canarySizes.length,
    ...{ paceAt: now, dueAt: now, revision: 1, ttl: ttlAt(now) },
  };
};

/** Returns a changed job as it is written over the one that was seen. `writeId` is random. */
export const nextRevision = (
  job: Job,
  { now, writeId }: { readonly now: number; readonly writeId: string },
): Job => ({ ...job, revision: job.revision + 1, writeId, updatedAt: now, ttl: ttlAt(now) });

/** What a person may do with a job. */
export const jobVerbs = ["pause", "resume", "cancel"] as const;
export type JobVerb = (typeof jobVerbs)[number];

/** The states that each verb starts from, and the one that it leads to. */
export const jobLifecycle = {
  pause: { from: ["RUNNING"], to: "PAUSED" },
  resume: { from: ["PAUSED", "STOPPED"], to: "RUNNING" },
  cancel: { from: ["RUNNING", "PAUSED", "STOPPED"], to: "CANCELLED" },
} as const satisfies Record<JobVerb, { from: readonly JobStatus[]; to: JobStatus }>;

export const isJobVerbAllowed = (verb: JobVerb, { status }: Pick<Job, "status">): boolean =>
  jobLifecycle[verb].from.some((each) => each === status);

export const hasJobEnded = (status: JobStatus): boolean =>
  status === "DONE" || status === "CANCELLED";

/** Returns a job that is not RUNNING any more: it is not due, and has a time if it has ended. */
export const halted = (job: Job, status: Exclude<JobStatus, "RUNNING">, now: number): Job => ({
  ...job,
  ...{ status, dueAt: undefined, dueShard: undefined },
  ...(hasJobEnded(status) && { endedAt: now }),
});

/**
 * Returns a job after a person changed it. A job resumed after its canaries failed takes new
 * canaries: whoever resumes it has fixed the target.
 */
export const steeredJob = (
  job: Job,
  verb: JobVerb,
  { now, by, dueShard }: { readonly now: number; readonly by: DoneBy; readonly dueShard: string },
): Job => {
  const { keyId, address } = by;
  const who = { ...(keyId !== undefined && { keyId }), ...(address !== undefined && { address }) };
  const change = { verb, at: now, ...who };
  const { to } = jobLifecycle[verb];
  return {
    ...(to === "RUNNING" ? { ...job, status: to, dueAt: now, dueShard } : halted(job, to, now)),
    changes: [...job.changes, change].slice(-limits.jobChangesMax),
    sample: job.status === "STOPPED" ? [] : job.sample,
    paceAt: Math.max(job.paceAt, now),
  };
};
