import type { RunEvent } from "../edition/log.ts";
import { nameOf } from "../invariants/judge.ts";
import { isSuccess } from "../invariants/past.ts";
import { isStored } from "../run-audit/sightings.ts";
import type { Sample } from "./samples.ts";

/** Milliseconds, as the nearest rank of all of them. */
export type Distribution = {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
};

export const distributionOf = (values: readonly number[]): Distribution => {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
};

type Point = { readonly at: number; readonly value: number };

/** By how much a value grows in a minute: the slope of the line that fits best. */
export const slopePerMinute = (points: readonly Point[]): number => {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanAt, meanValue] = [mean(points.map(({ at }) => at)), mean(points.map((p) => p.value))];
  const spread = points.reduce((sum, { at }) => sum + (at - meanAt) ** 2, 0);
  const shared = points.reduce(
    (sum, { at, value }) => sum + (at - meanAt) * (value - meanValue),
    0,
  );
  return spread === 0 ? 0 : (shared / spread) * 60_000;
};

export type Figures = {
  readonly messages: number;
  /** From the moment a message was meant to be sent. */
  readonly acceptMs: Distribution;
  /** From that moment, or from `deliverAt`, to the first request at the receiver. */
  readonly firstAttemptMs: Distribution;
  /** The same to COMPLETED. */
  readonly endToEndMs: Distribution;
  readonly completedPerSecond: number;
  readonly requestsPerMessage: number;
  /** From the last message that was meant to be sent to the last that ended. */
  readonly drainSeconds: number;
  readonly rssMb: {
    readonly first: number;
    readonly last: number;
    readonly max: number;
    readonly perMinute: number;
    readonly perMinuteLately: number;
  };
  readonly healthMs: Distribution;
  /** The most messages that were acknowledged and had not ended. */
  readonly backlogMax: number;
};

type Times = {
  intendedAt: number;
  dueAt: number;
  told?: number;
  requested?: number;
  ended?: number;
};

const timesOf = (log: readonly RunEvent[]): readonly Times[] => {
  const times = new Map<string, Times>();
  for (const event of log) {
    if (!("key" in event) || !event.key) continue;
    const name = nameOf(event.key);
    const one = times.get(name);
    if (event.kind === "asked" && !one) {
      const { intendedAt, deliverAt = intendedAt } = event;
      times.set(name, { intendedAt, dueAt: Math.max(intendedAt, deliverAt) });
    } else if (one && event.kind === "told" && isSuccess(event.status)) one.told ??= event.at;
    else if (one && event.kind === "requested") one.requested ??= event.at;
    else if (one && isStored(event)) one.ended = event.message.completedAt;
  }
  return [...times.values()];
};

const mb = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

const memoryOf = (samples: readonly Sample[]): Figures["rssMb"] => {
  const points = samples.map(({ at, rssBytes }) => ({ at, value: rssBytes }));
  const lately = points.slice(Math.floor(points.length / 2));
  const values = points.map(({ value }) => value);
  return {
    first: mb(values[0] ?? 0),
    last: mb(values.at(-1) ?? 0),
    max: mb(Math.max(0, ...values)),
    perMinute: mb(slopePerMinute(points)),
    perMinuteLately: mb(slopePerMinute(lately)),
  };
};

/** What a run took, from its logs and from what was sampled while it went on. */
export const figuresOf = (log: readonly RunEvent[], samples: readonly Sample[]): Figures => {
  const times = timesOf(log);
  const since = (from: (one: Times) => number, to: (one: Times) => number | undefined) =>
    distributionOf(
      times.flatMap((one) => (to(one) === undefined ? [] : [(to(one) ?? 0) - from(one)])),
    );
  const intended = times.map(({ intendedAt }) => intendedAt);
  const ended = times.flatMap(({ ended }) => (ended === undefined ? [] : [ended]));
  const lastEnd = ended.reduce((last, at) => Math.max(last, at), 0);
  const [first, last] = [Math.min(...intended), Math.max(...intended)];
  const requests = log.filter(({ kind }) => kind === "requested").length;
  return {
    messages: times.length,
    acceptMs: since(
      (one) => one.intendedAt,
      (one) => one.told,
    ),
    firstAttemptMs: since(
      (one) => one.dueAt,
      (one) => one.requested,
    ),
    endToEndMs: since(
      (one) => one.dueAt,
      (one) => one.ended,
    ),
    completedPerSecond: Math.round((ended.length / ((lastEnd - first) / 1000)) * 10) / 10,
    requestsPerMessage: Math.round((requests / times.length) * 1000) / 1000,
    drainSeconds: Math.round((lastEnd - last) / 100) / 10,
    rssMb: memoryOf(samples),
    healthMs: distributionOf(samples.map(({ healthMs }) => healthMs)),
    backlogMax: Math.max(0, ...samples.map(({ backlog }) => backlog)),
  };
};
