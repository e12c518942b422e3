import { Metrics as EmbeddedMetrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { ConfigurationError, type Environment, unknownVariables } from "./environment.ts";

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
  | "MessagesQuarantined"
  | "DeadLetters";
export type Duration = "SubmitDuration" | "ExchangeDuration" | "OldestDueAge";

export type Metrics = {
  readonly count: (name: Count, by?: number) => void;
  readonly milliseconds: (name: Duration, value: number) => void;
  /** Writes out what has come together since the last time: once an invocation. */
  readonly flush: () => void;
};

/** What CloudWatch takes for a namespace, and the one for where none is set. */
export const metricsNamespace = {
  variable: "POSTRIDER_METRICS_NAMESPACE",
  fallback: "Postrider",
  pattern: /^(?!:)(?! *$)[\w.\-/#: ]{1,255}$/,
  fault:
    "must be up to 255 of A-Z, a-z, 0-9, space and .-_/#:, not begin with a colon and not be blank",
} as const;

/**
 * The namespace that an environment sets, read just as the settings are, but without zod. Throws a
 * ConfigurationError if CloudWatch would not take it.
 */
export const metricsNamespaceIn = (given: Environment): string => {
  const { variable, fallback, pattern, fault } = metricsNamespace;
  const text = given[variable] || fallback;
  if (pattern.test(text)) return text;
  throw new ConfigurationError(
    [`${variable}: ${fault}`],
    unknownVariables({ [variable]: text }, given),
  );
};

/** Metrics in CloudWatch's embedded format, on standard output. */
export const embeddedMetrics = (functionName: string, namespace: string): Metrics => {
  const metrics = new EmbeddedMetrics({
    namespace,
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
