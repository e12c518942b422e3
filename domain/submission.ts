import type { BodyType, Message, MessageKey } from "./message.ts";
import { dueFor } from "./schedule.ts";
import { shardOf } from "./shard.ts";

/** A valid submit, in the units of the stored message. */
export type Submission = MessageKey & {
  readonly timestamp: string;
  readonly targetUrl: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly bodyType?: BodyType;
  readonly deliverAt?: number;
  readonly giveUpAt?: number;
  readonly maxAttempts?: number;
  readonly scheduleMs?: readonly number[];
  readonly timeoutMs?: number;
  readonly retentionDays?: number;
  /** As a message stores it. */
  readonly redact?: string;
  /** As a message stores them. They count for no fingerprint. */
  readonly trace?: Uint8Array;
  readonly tracestate?: string;
};

/** Defaults for what a submit does not name. */
export type Policy = {
  readonly scheduleMs: readonly number[];
  /** The schedule is the sender's own, so it is stored with the message. */
  readonly isScheduleOwn?: boolean;
  readonly maxAttempts?: number;
  readonly timeoutMs?: number;
  readonly retentionDays: number;
};

const dayMs = 86_400_000;
/** The default of `giveUpAt`: so long after the first attempt may begin. */
export const giveUpAfterMs = 3 * dayMs;

/**
 * Returns when DynamoDB may remove a message, its payload and its attempts, in epoch seconds: after
 * the retention, and never before the message has ended.
 */
export const ttlOf = (createdAt: number, retentionDays: number, giveUpAt: number): number =>
  Math.ceil(Math.max(createdAt + retentionDays * dayMs, giveUpAt + dayMs) / 1000);

/** Returns the default `giveUpAt`. */
const defaultGiveUpAt = (createdAt: number, deliverAt = createdAt): number =>
  Math.max(createdAt, deliverAt) + giveUpAfterMs;

/** Returns how many attempts a message gets: one more than its schedule has waits, by default. */
const attemptsOf = (asked: Submission, policy: Policy): number =>
  asked.maxAttempts ??
  (asked.scheduleMs ? asked.scheduleMs.length + 1 : undefined) ??
  policy.maxAttempts ??
  policy.scheduleMs.length + 1;

/** Returns the message as it is first stored: PENDING, and due. `submitId` is random. */
export const newMessage = (
  asked: Submission,
  policy: Policy,
  facts: {
    readonly now: number;
    readonly graceMs: number;
    readonly shards: number;
    /** Whether an index of all messages is kept, as it is by default. */
    readonly listAll?: boolean;
    readonly submitId: string;
    readonly fingerprint: string;
  },
): Message => {
  const { now, graceMs, shards, listAll = true, submitId, fingerprint } = facts;
  const { maxAttempts: _, ...given } = asked;
  const giveUpAt = asked.giveUpAt ?? defaultGiveUpAt(now, asked.deliverAt);
  const retentionDays = asked.retentionDays ?? policy.retentionDays;
  const shard = shardOf(asked, shards);
  return {
    ...given,
    retentionDays,
    scheduleMs: asked.scheduleMs ?? (policy.isScheduleOwn ? policy.scheduleMs : undefined),
    timeoutMs: asked.timeoutMs ?? policy.timeoutMs,
    fingerprint,
    status: "PENDING",
    attempts: 0,
    attemptsAllowed: attemptsOf(asked, policy),
    attemptsBefore: 0,
    replays: 0,
    ...dueFor(Math.max(asked.deliverAt ?? now, now), now, graceMs),
    dueShard: shard,
    senderShard: shard,
    ...(!listAll && { unlisted: true }),
    giveUpAt,
    submitId,
    createdAt: now,
    updatedAt: now,
    pendingAt: now,
    ttl: ttlOf(now, retentionDays, giveUpAt),
  };
};
