import type { Message } from "../../domain/message.ts";
import { type Past, unknownPast } from "../invariants/past.ts";
import { attemptsMax, type Config, rolesOf } from "./config.ts";

/** What an actor does next. */
export const points = [
  ...["idle", "done", "put", "send", "mark", "rollback"],
  ...["claim", "request", "settle", "abandon", "resend", "mark-resent"],
  ...["release", "releaseAsFailed", "releaseAsCancelled", "postpone", "postpone-lease"],
  ...["replay", "mark-first", "send-marked", "claim-put-off", "send-now", "erase"],
  ...["job-take", "job-act", "job-enter", "job-change", "job-count"],
] as const;
export type Point = (typeof points)[number];

export const outcomes = ["none", "accepted", "retryable", "final"] as const;
export type Heard = (typeof outcomes)[number];

/**
 * One piece of work in progress: where it is, and as much of the message as it saw as it still
 * needs.
 */
export type Actor = {
  readonly at: Point;
  /** Of the attempt that it holds or prepares, or of the message when it looked. */
  readonly attempts: number;
  readonly allowed: number;
  readonly replays: number;
  readonly notBefore?: number;
  readonly dueAt?: number;
  /** When it looked at the message and decided; absent in the search, where all is one moment. */
  readonly lookedAt?: number;
  /** The attempt that the record in hand is for; 0: there is none. */
  readonly record: number;
  /** What the target answered. */
  readonly heard: Heard;
  /** Of a run of a job: how many changes of it by others it has not seen, up to two. */
  readonly missed?: number;
  /** Whether it found the message in its list, or acted on it. */
  readonly isHit?: boolean;
};

export const jobStatuses = ["none", "RUNNING", "PAUSED", "STOPPED", "DONE"] as const;
/** Where a job is: it reads its list, has a batch of this one message, or waits for its canary. */
export const jobStages = ["list", "batch", "canary"] as const;

/** A job as it is stored, and its entry of the message. */
export type JobState = {
  readonly status: (typeof jobStatuses)[number];
  readonly stage: (typeof jobStages)[number];
  /** It reads its list again, to see that nothing was missed. */
  readonly isAgain: boolean;
  /** How often the message had been replayed when the job was made, and when it was entered. */
  readonly planned: number;
  readonly entered?: number;
};

export const noJob: JobState = { status: "none", stage: "list", isAgain: false, planned: 0 };

/** Copies of the record of one attempt: those that may be received, and those that wait. */
export type Copies = { readonly ready: number; readonly delayed: number };

/** Everything that is at one moment. */
export type State = {
  readonly message?: Message;
  readonly actors: readonly Actor[];
  /** By the attempt that they are for. */
  readonly queue: readonly Copies[];
  readonly faults: number;
  readonly cancels: number;
  readonly jobs: readonly JobState[];
  readonly jobChanges: number;
  readonly past: Past;
};

export const idle: Actor = {
  at: "idle",
  attempts: 0,
  allowed: 0,
  replays: 0,
  record: 0,
  heard: "none",
};

/** What is sent. There is one message, and no other is ever handed over. */
export const content = "content";
export const key = { senderId: "shop", messageId: "order-7" } as const;

/** Nothing has happened: no message, and nobody at work. */
export const initial = (config: Config): State => ({
  actors: rolesOf(config).map(() => idle),
  queue: Array.from({ length: attemptsMax(config) + 2 }, () => ({ ready: 0, delayed: 0 })),
  faults: config.faults,
  cancels: config.cancels,
  jobs: Array.from({ length: config.jobs }, () => noJob),
  jobChanges: config.jobChanges,
  past: { ...unknownPast, asked: [content] },
});
