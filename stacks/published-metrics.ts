import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Count, Duration } from "../adapters/metrics.ts";
import type { BundleName } from "./bundle-names.ts";
import { metricPeriod } from "./metric-period.ts";

/** What the code of a function publishes in the embedded metric format. */
export interface PublishedMetrics {
  /** Returns how often something happened. */
  readonly count: (name: Count) => Metric;
  /** Returns the longest duration, in milliseconds. */
  readonly longest: (name: Duration) => Metric;
  /** Returns p50, p95 and p99 of a duration, in milliseconds. */
  readonly percentiles: (name: Duration) => Metric[];
}

/** Returns the metrics of whatever publishes as this function: a worker of one's own does as the worker. */
export const publishedBy = (bundle: BundleName, namespace: string): PublishedMetrics => {
  const metric = (metricName: string, statistic: string): Metric =>
    new Metric({
      ...{ namespace, metricName, statistic, period: metricPeriod },
      dimensionsMap: { service: `postrider-${bundle}` },
    });
  return {
    count: (name) => metric(name, Stats.SUM),
    longest: (name) => metric(name, Stats.MAXIMUM),
    percentiles: (name) =>
      ["p50", "p95", "p99"].map((percentile) =>
        metric(name, percentile).with({ label: percentile }),
      ),
  };
};
