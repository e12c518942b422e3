import type { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Count, Duration } from "../adapters/metrics.ts";
import type { Functions } from "./monitoring.ts";
import type { PublishedMetrics } from "./published-metrics.ts";

/** What one function alone publishes, and which. Counts as sums, durations as their longest. */
const publishers = {
  MessagesAccepted: ["api", "count"],
  MessagesRepeated: ["api", "count"],
  MessagesRefused: ["api", "count"],
  SubmitDuration: ["api", "longest"],
  AttemptsSucceeded: ["worker", "count"],
  AttemptsFailed: ["worker", "count"],
  MessagesCompleted: ["worker", "count"],
  MessagesFailed: ["worker", "count"],
  RecordsDropped: ["worker", "count"],
  RecordsFailed: ["worker", "count"],
  ExchangeDuration: ["worker", "longest"],
  MessagesDispatched: ["dispatcher", "count"],
  LeasesReleased: ["dispatcher", "count"],
  MessagesQuarantined: ["dispatcher", "count"],
  OldestDueAge: ["dispatcher", "longest"],
  DeadLetters: ["deadLetter", "count"],
} as const satisfies Record<
  Exclude<Count, "SystemErrors" | "SpansDropped">,
  readonly [keyof Functions, "count"]
> &
  Record<Duration, readonly [keyof Functions, "longest"]>;

/** The metrics of the functions. */
export type MetricName = keyof typeof publishers;

/** What publishes, whoever runs it. */
export type Publishers = Readonly<Record<keyof Functions, PublishedMetrics>>;

/** Returns a metric of the functions. */
export const metricOf = (published: Publishers, name: MetricName): Metric => {
  const [publisher, kind] = publishers[name];
  return kind === "count"
    ? published[publisher].count(name as Count)
    : published[publisher].longest(name as Duration);
};
