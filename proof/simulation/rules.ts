/**
 * What `docs/reference/http.md` says about retries, written down once more: nothing of this is taken
 * from the product, whose reading of the same page it is held against. Times are in milliseconds.
 */
const dayMs = 86_400_000;
/** "Each wait is moved at random by up to 20 % either way." */
const moved = { least: 0.8, most: 1.2 } as const;
/** "… makes the wait longer, never shorter, and 24 hours at most." */
const retryAfterMsMax = dayMs;
/** "3 days after it", where the sender does not say. */
const givenUpAfterMs = 3 * dayMs;

/** What a sender was promised for one message, from its submit or from its latest replay on. */
export type Rules = {
  readonly scheduleMs: readonly number[];
  /** How many attempts there may be, and how many there were before the replay. */
  readonly attemptsMax: number;
  readonly attemptsBefore: number;
  readonly giveUpAt: number;
};

/** What a sender asked for. */
export type Wishes = {
  readonly deliverAt?: number;
  readonly giveUpAt?: number;
  readonly scheduleMs?: readonly number[];
  readonly maxAttempts?: number;
};

/** The rules of a message that was submitted at a time, where these waits are configured. */
export const rulesOf = (
  { deliverAt = 0, giveUpAt, scheduleMs, maxAttempts }: Wishes,
  { createdAt, configuredMs }: { createdAt: number; configuredMs: readonly number[] },
): Rules => {
  const waits = scheduleMs ?? configuredMs;
  return {
    scheduleMs: waits,
    // "one more than there are waits"
    attemptsMax: maxAttempts ?? waits.length + 1,
    attemptsBefore: 0,
    giveUpAt: giveUpAt ?? Math.max(createdAt, deliverAt) + givenUpAfterMs,
  };
};

/** What a `Retry-After` asks for at a time: "in seconds or as a date". */
export const askedMs = (retryAfter: string | undefined, now: number): number => {
  if (retryAfter === undefined) return 0;
  const seconds = Number(retryAfter);
  const ms = Number.isInteger(seconds) ? seconds * 1000 : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), retryAfterMsMax);
};

/** When the attempt after one may begin that ended in such a time. */
export const nextBetween = (
  { scheduleMs, attemptsBefore }: Rules,
  attempt: number,
  ended: { readonly from: number; readonly to: number; readonly retryAfter?: string },
): { readonly from: number; readonly to: number } => {
  // "where that is larger, the last wait is used again"
  const waitMs = scheduleMs[attempt - attemptsBefore - 1] ?? scheduleMs.at(-1) ?? 0;
  const after = (time: number, share: number): number =>
    time + Math.max(waitMs * share, askedMs(ended.retryAfter, time));
  return {
    from: Math.floor(after(ended.from, moved.least)),
    to: Math.ceil(after(ended.to, moved.most)),
  };
};
