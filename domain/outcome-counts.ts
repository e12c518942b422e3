import type { Message } from "./message.ts";

/**
 * The upper bounds of the classes that durations are counted in, each included. The last class has
 * what is longer. Stored counts name a class by its place here: a bound never moves.
 */
export const boundsMs = [
  ...[10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700],
  ...[1000, 1500, 2000, 3000, 5000, 7000, 10_000, 15_000, 20_000, 30_000],
  ...[60_000, 120_000, 300_000, 600_000, 1_800_000],
  ...[3_600_000, 10_800_000, 21_600_000, 43_200_000, 86_400_000, 259_200_000],
] as const;

/**
 * The same for the time that a submit takes. Fewer, so that all counts of a bucket are one write unit;
 * and none is longer than the last.
 */
export const acceptBoundsMs = [10, 20, 50, 100, 200, 500, 1000, 3000, 10_000, 30_000] as const;

/** How an attempt ended, as it is counted. */
export type CountedAttempt = {
  readonly senderId: string;
  /** Absent if its message was cancelled meanwhile. */
  readonly end?: "completed" | "failed" | "retried";
  /** From the submit, or from `deliverAt` if that was later, to the delivery. */
  readonly deliveryMs?: number;
  /** From the submit until its record was on the queue, which is when it is answered. */
  readonly acceptMs?: number;
  /** Of the exchange with the target, if there was one. */
  readonly exchangeMs?: number;
};

/** How many durations there are of each class: one number for each bound, and one for the rest. */
export type Histogram = readonly number[];

/** Attempts of one sender, counted. */
export type OutcomeCounts = {
  readonly completed: number;
  readonly failed: number;
  readonly retried: number;
  readonly accept: Histogram;
  readonly delivery: Histogram;
  readonly exchange: Histogram;
};

const empty = (bounds: readonly number[]): Histogram => [...bounds, 0].map(() => 0);
const emptyHistogram = empty(boundsMs);

export const noOutcomes: OutcomeCounts = {
  ...{ completed: 0, failed: 0, retried: 0 },
  ...{ accept: empty(acceptBoundsMs), delivery: emptyHistogram, exchange: emptyHistogram },
};

const endOf = { COMPLETED: "completed", FAILED: "failed", PENDING: "retried" } as const;
const isEnd = (status: string): status is keyof typeof endOf => status in endOf;

/** No submit takes longer: a record that is sent later was sent by the dispatcher. */
const acceptMsMax = 30_000 satisfies (typeof acceptBoundsMs)[9];

/** Counted by the first attempt only: the message stores this time until its next record is sent. */
const acceptMsOf = (message: Message): { acceptMs?: number } => {
  const { attempts, replays, createdAt, queuedAt } = message;
  if (attempts !== 1 || replays > 0 || queuedAt === undefined) return {};
  const acceptMs = Math.max(0, queuedAt - createdAt);
  return acceptMs <= acceptMsMax ? { acceptMs } : {};
};

/**
 * Returns an attempt as it is counted, of a settled message. Only the first round has a delivery
 * time: after a replay it would include the wait until somebody asked for the replay.
 */
export const countedAttempt = (message: Message, exchangeMs?: number): CountedAttempt => {
  const { senderId, status, createdAt, deliverAt = createdAt, completedAt, replays } = message;
  const isTimed = status === "COMPLETED" && completedAt !== undefined && replays === 0;
  return {
    senderId,
    ...(isEnd(status) && { end: endOf[status] }),
    ...(isTimed && { deliveryMs: Math.max(0, completedAt - Math.max(createdAt, deliverAt)) }),
    ...(exchangeMs !== undefined && { exchangeMs }),
    ...acceptMsOf(message),
  };
};

const classOf = (ms: number, bounds: readonly number[]): number => {
  const place = bounds.findIndex((bound) => ms <= bound);
  return place === -1 ? bounds.length : place;
};

const histogramOf = (
  durationsMs: readonly (number | undefined)[],
  bounds: readonly number[] = boundsMs,
): Histogram => {
  const histogram = [...empty(bounds)];
  for (const ms of durationsMs) {
    if (ms === undefined) continue;
    const place = classOf(ms, bounds);
    histogram[place] = (histogram[place] ?? 0) + 1;
  }
  return histogram;
};

/** Counts attempts. */
export const outcomesOf = (attempts: readonly CountedAttempt[]): OutcomeCounts => {
  const ended = (as: CountedAttempt["end"]): number =>
    attempts.filter(({ end }) => end === as).length;
  return {
    ...{ completed: ended("completed"), failed: ended("failed"), retried: ended("retried") },
    accept: histogramOf(
      attempts.map(({ acceptMs }) => acceptMs),
      acceptBoundsMs,
    ),
    delivery: histogramOf(attempts.map(({ deliveryMs }) => deliveryMs)),
    exchange: histogramOf(attempts.map(({ exchangeMs }) => exchangeMs)),
  };
};

const sumOf = (one: Histogram, other: Histogram): Histogram =>
  one.map((count, place) => count + (other[place] ?? 0));

/** Adds counts up. */
export const addOutcomes = (one: OutcomeCounts, other: OutcomeCounts): OutcomeCounts => ({
  completed: one.completed + other.completed,
  failed: one.failed + other.failed,
  retried: one.retried + other.retried,
  accept: sumOf(one.accept, other.accept),
  delivery: sumOf(one.delivery, other.delivery),
  exchange: sumOf(one.exchange, other.exchange),
});

/**
 * Estimates the duration that a share of the counted ones does not exceed, in milliseconds: within
 * its class as if they were spread evenly. Returns `undefined` if none was counted, and the largest
 * bound for what is longer than that.
 */
export const percentileMs = (
  histogram: Histogram,
  share: number,
  bounds: readonly number[] = boundsMs,
): number | undefined => {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = total * share;
  for (const [place, count] of histogram.entries()) {
    if (count > 0 && left <= count) {
      const from = bounds[place - 1] ?? 0;
      const to = bounds[place] ?? from;
      return Math.round(from + (to - from) * (left / count));
    }
    left -= count;
  }
  return undefined;
};
