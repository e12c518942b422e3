import type { FailReason, Status } from "./answers.ts";

/** STOPPED: too many of its first messages failed again. */
export type JobStatus = "RUNNING" | "PAUSED" | "STOPPED" | "DONE" | "CANCELLED";
export type JobVerb = "pause" | "resume" | "cancel";

type By = { keyId?: string | undefined; address?: string | undefined };
type Counted = { count: number; isExact: boolean; writeUnits: number; seconds: number };

/** What a job would do. `token` makes a job of it, within 15 minutes. */
export type JobPlan = Counted & {
  groups: { key: string; count: number }[];
  plannedAt: string;
  token: string;
};

/** One action on every message that matches a filter. */
export type Job = {
  jobId: string;
  action: "replay" | "cancel";
  filter: {
    status?: Status | "unfinished" | undefined;
    reason?: FailReason | undefined;
    from?: string | undefined;
    to?: string | undefined;
    target?: string | undefined;
  };
  status: JobStatus;
  why: string;
  canDo: JobVerb[];
  plan: Counted;
  progress: { done: number; failed: number; left: number; scheduled: number };
  ratePerSecond: number;
  canary?: false | { failShareMax: number } | undefined;
  attempts?: number | undefined;
  by: By;
  createdAt: string;
  updatedAt: string;
  endedAt?: string | undefined;
  changes: { verb: JobVerb; at: string; by: By }[];
};

/** `duplicate`: there was a job of this plan already. */
export type CreatedJob = Job & { duplicate: boolean };

/** What the messages are now that a job has acted on. `expired`: not stored any more. */
export type JobCount = { counted: number; byStatus: Record<Status, number>; expired: number };
export type JobCountPage = JobCount & { nextCursor: string | null };

export type JobPage = { items: Job[]; nextCursor: string | null };
