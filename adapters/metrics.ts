import { Metrics as EmbeddedMetrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { ConfigurationError, type Environment, unknownVariables } from "./environment.ts";

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

/** The pattern of a CloudWatch namespace, and the default. */
export const metricsNamespace = {
  variable: "POSTRIDER_METRICS_NAMESPACE",
  fallback: "Postrider",
  pattern: /^(?!:)(?! *$)[\w.\-/#: ]{1,255}$/,
  fault:
    "must be up to 255 of A-Z, a-z, 0-9, space and .-_/#:, not begin with a colon and not be blank",
} as const;

/**
 * Reads the namespace from an environment as the settings do, but without zod. Throws a
 * ConfigurationError if CloudWatch would refuse it.
 */
export const metricsNamespaceIn = (given: Environment): string => {
  const { variable, fallback, pattern, fault } = metricsNamespace;
  const text = given[variable] || fallback;
  if (pattern.test(text)) return text;
  throw new ConfigurationError([`${variable}: ${fault}`], unknownVariables([variable], given));
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
