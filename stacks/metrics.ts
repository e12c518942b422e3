import { Duration as Period, type Stack } from "aws-cdk-lib";
import { Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type FunctionProps, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Count, Duration } from "../adapters/metrics.ts";
import type { Stage } from "./config.ts";

/** What everything is added up over, unless an alarm says otherwise. */
export const period = Period.minutes(5);

/** One for each stage: in one region of one account, two would wake each other's people. */
export const metricsNamespaceOf = ({ name }: Stage): string => `Postrider/${name}`;

/** Where a function publishes: under the stage's namespace, by the name that it logs under. */
type Publishes = {
  readonly namespace: string;
  readonly name: "api" | "worker" | "dispatcher" | "dead-letter";
};

/** A function that publishes metrics of its own, besides those that Lambda has of it. */
export class Publisher extends LambdaFunction {
  readonly publishes: Publishes;

  constructor(stack: Stack, id: string, publishes: Publishes, properties: FunctionProps) {
    super(stack, id, properties);
    this.publishes = publishes;
  }
}

/** A metric that a function publishes itself, in the embedded format. */
const published = ({ publishes }: Publisher, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: publishes.namespace,
    metricName,
    dimensionsMap: { service: `postrider-${publishes.name}` },
    statistic,
    period,
  });

/** How often something happened. */
export const count = (publisher: Publisher, name: Count): Metric =>
  published(publisher, name, Stats.SUM);

/** How long the longest took, in milliseconds. */
export const longest = (publisher: Publisher, name: Duration): Metric =>
  published(publisher, name, Stats.MAXIMUM);

/** How long it took, in milliseconds: half of them at most the first, all but one in a hundred the last. */
export const percentiles = (publisher: Publisher, name: Duration): Metric[] =>
  ["p50", "p95", "p99"].map((percentile) =>
    published(publisher, name, percentile).with({ label: percentile }),
  );
