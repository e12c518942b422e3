import type { OutcomeBucket } from "../../domain/outcome-buckets.ts";
import {
  acceptBoundsMs,
  addOutcomes,
  type Histogram,
  noOutcomes,
  type OutcomeCounts,
  percentileMs,
} from "../../domain/outcome-counts.ts";
import { iso } from "./views.ts";

const endsView = ({ completed, failed, retried }: OutcomeCounts) => ({
  ...{ completed, failed, retried },
});

const durationsView = (histogram: Histogram, bounds?: readonly number[]) => ({
  p50Ms: percentileMs(histogram, 0.5, bounds),
  p95Ms: percentileMs(histogram, 0.95, bounds),
});

/** Returns outcomes over time, and what they come to together. */
export const outcomesView = (buckets: readonly OutcomeBucket[]) => {
  const total = buckets.reduce<OutcomeCounts>(addOutcomes, noOutcomes);
  return {
    buckets: buckets.map((bucket) => ({
      ...{ from: iso(bucket.from), to: iso(bucket.to) },
      ...endsView(bucket),
    })),
    total: endsView(total),
    accept: durationsView(total.accept, acceptBoundsMs),
    delivery: durationsView(total.delivery),
    exchange: durationsView(total.exchange),
    // A worker that dies loses some, and a write that is repeated counts twice.
    isAbout: true,
  };
};
