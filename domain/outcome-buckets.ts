import { addOutcomes, noOutcomes, type OutcomeCounts } from "./outcome-counts.ts";

/** Counts are stored by five minutes. */
export const bucketMs = 5 * 60_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Counts of a stretch of time, from its beginning on. */
export type StoredOutcomes = OutcomeCounts & { readonly from: number };
/** `to` is the first moment that does not belong to it. */
export type OutcomeBucket = StoredOutcomes & { readonly to: number };

/** A range of time that was asked for, and the buckets that it is shown in. */
export type OutcomeRange = { readonly from: number; readonly to: number; readonly stepMs: number };

/** Returns the beginning of the stored bucket that a moment belongs to. */
export const bucketOf = (now: number, stepMs = bucketMs): number => now - (now % stepMs);

/** Widens a range to whole buckets: of five minutes for up to a day, else of an hour. */
export const outcomeRange = (from: number, to: number): OutcomeRange => {
  const stepMs = to - from > dayMs ? hourMs : bucketMs;
  return { from: bucketOf(from, stepMs), to: bucketOf(to - 1, stepMs) + stepMs, stepMs };
};

/** Adds stored counts up to the buckets of a range, also those in which there was nothing. */
export const bucketsOf = (
  { from, to, stepMs }: OutcomeRange,
  stored: readonly StoredOutcomes[],
): readonly OutcomeBucket[] => {
  const counted = new Map<number, OutcomeCounts>();
  for (const { from: at, ...counts } of stored) {
    const start = bucketOf(at, stepMs);
    counted.set(start, addOutcomes(counted.get(start) ?? noOutcomes, counts));
  }
  return Array.from({ length: Math.round((to - from) / stepMs) }, (_, index) => {
    const start = from + index * stepMs;
    return { ...(counted.get(start) ?? noOutcomes), from: start, to: start + stepMs };
  });
};
