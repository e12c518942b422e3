import { Metrics as EmbeddedMetrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** What is counted, and what is measured in milliseconds. */
export type Count =
  | "MessagesAccepted"
  | "MessagesRepeated"
  | "MessagesRefused"
  | "SystemErrors"
  | "AttemptsSucceeded"
  | "AttemptsFailed"
  | "MessagesCompleted"
  | "MessagesFailed"
  | "RecordsDropped"
  | "RecordsFailed"
  | "MessagesDispatched"
  | "LeasesReleased"
  | "DeadLetters";
export type Duration = "SubmitDuration" | "ExchangeDuration" | "OldestDueAge";

export type Metrics = {
  readonly count: (name: Count, by?: number) => void;
  readonly milliseconds: (name: Duration, value: number) => void;
  /** Writes out what has come together since the last time: once an invocation. */
  readonly flush: () => void;
};

/** Metrics in CloudWatch's embedded format, on standard output. */
export const embeddedMetrics = (functionName: string): Metrics => {
  const metrics = new EmbeddedMetrics({
    namespace: "Postrider",
    serviceName: `postrider-${functionName}`,
  });
  return {
    count: (name, by = 1) => metrics.addMetric(name, MetricUnit.Count, by),
    milliseconds: (name, value) => metrics.addMetric(name, MetricUnit.Milliseconds, value),
    // With nothing to publish, the library would say so each time.
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};

export const noMetrics: Metrics = { count: () => {}, milliseconds: () => {}, flush: () => {} };
