import { Metrics as EmbeddedMetrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** The metrics: counts, and durations in milliseconds. */
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
  | "MessagesQuarantined"
  | "DeadLetters";
export type Duration = "SubmitDuration" | "ExchangeDuration" | "OldestDueAge";

export type Metrics = {
  readonly count: (name: Count, by?: number) => void;
  readonly milliseconds: (name: Duration, value: number) => void;
  /** Writes the metrics collected since the last call. Call it once per invocation. */
  readonly flush: () => void;
};

/** Creates metrics in CloudWatch's embedded metric format, on standard output. */
export const embeddedMetrics = (functionName: string, namespace: string): Metrics => {
  const metrics = new EmbeddedMetrics({
    namespace,
    serviceName: `postrider-${functionName}`,
  });
  return {
    count: (name, by = 1) => metrics.addMetric(name, MetricUnit.Count, by),
    milliseconds: (name, value) => metrics.addMetric(name, MetricUnit.Milliseconds, value),
    // Without metrics the library would log a warning each time.
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};

export const noMetrics: Metrics = { count: () => {}, milliseconds: () => {}, flush: () => {} };
