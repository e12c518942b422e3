import type { FunctionEnvironment, FunctionName } from "../adapters/settings.ts";

type Optional<Environment> = {
  readonly [Name in keyof Environment as undefined extends Environment[Name]
    ? Name
    : never]?: Environment[Name];
};

/**
 * Settings that have a default, by the names of their variables. Under which namespace metrics are
 * published is none of them: alarms and dashboard ask for the one of the stage.
 */
export type Tunables = Omit<
  Optional<
    FunctionEnvironment<"api"> & FunctionEnvironment<"worker"> & FunctionEnvironment<"dispatcher">
  >,
  "POSTRIDER_METRICS_NAMESPACE"
>;

/** Every variable of a function, named: one that is forgotten, even an optional one, does not compile. */
type Complete<Name extends FunctionName> = {
  readonly [Variable in keyof Required<
    FunctionEnvironment<Name>
  >]: FunctionEnvironment<Name>[Variable];
};

/** What only the stack knows. */
export type Known = {
  readonly table: string;
  readonly queueUrl: string;
  readonly masterKeySecret: string;
  readonly visibilityMs: number;
  readonly metricsNamespace: string;
};

export const apiEnvironment = (known: Known, tuned: Tunables): Complete<"api"> => ({
  POSTRIDER_TABLE: known.table,
  POSTRIDER_QUEUE_URL: known.queueUrl,
  POSTRIDER_METRICS_NAMESPACE: known.metricsNamespace,
  POSTRIDER_MASTER_KEY_SECRET: known.masterKeySecret,
  POSTRIDER_GRACE_MS: tuned.POSTRIDER_GRACE_MS,
  POSTRIDER_RETRY_SCHEDULE: tuned.POSTRIDER_RETRY_SCHEDULE,
  POSTRIDER_RETENTION_DAYS: tuned.POSTRIDER_RETENTION_DAYS,
  POSTRIDER_SHARDS: tuned.POSTRIDER_SHARDS,
  POSTRIDER_ALLOW_TARGETS: tuned.POSTRIDER_ALLOW_TARGETS,
  POSTRIDER_ALLOW_HTTP: tuned.POSTRIDER_ALLOW_HTTP,
});

export const workerEnvironment = (
  known: Known,
  tuned: Tunables,
  timeoutMs: number,
): Complete<"worker"> => ({
  POSTRIDER_TABLE: known.table,
  POSTRIDER_QUEUE_URL: known.queueUrl,
  POSTRIDER_METRICS_NAMESPACE: known.metricsNamespace,
  POSTRIDER_MASTER_KEY_SECRET: known.masterKeySecret,
  POSTRIDER_FUNCTION_TIMEOUT_MS: String(timeoutMs),
  POSTRIDER_VISIBILITY_MS: String(known.visibilityMs),
  // Read by Node itself when its process starts, long before any of our code runs.
  UV_THREADPOOL_SIZE: "256",
  POSTRIDER_LEASE_MS: tuned.POSTRIDER_LEASE_MS,
  POSTRIDER_CLOCK_MARGIN_MS: tuned.POSTRIDER_CLOCK_MARGIN_MS,
  POSTRIDER_GRACE_MS: tuned.POSTRIDER_GRACE_MS,
  POSTRIDER_TIMEOUT_MS: tuned.POSTRIDER_TIMEOUT_MS,
  POSTRIDER_RETRY_SCHEDULE: tuned.POSTRIDER_RETRY_SCHEDULE,
  POSTRIDER_ALLOW_TARGETS: tuned.POSTRIDER_ALLOW_TARGETS,
  POSTRIDER_ALLOW_HTTP: tuned.POSTRIDER_ALLOW_HTTP,
});

export const dispatcherEnvironment = (
  known: Known,
  tuned: Tunables,
  timeoutMs: number,
): Complete<"dispatcher"> => ({
  POSTRIDER_TABLE: known.table,
  POSTRIDER_QUEUE_URL: known.queueUrl,
  POSTRIDER_METRICS_NAMESPACE: known.metricsNamespace,
  POSTRIDER_FUNCTION_TIMEOUT_MS: String(timeoutMs),
  POSTRIDER_CLOCK_MARGIN_MS: tuned.POSTRIDER_CLOCK_MARGIN_MS,
  POSTRIDER_GRACE_MS: tuned.POSTRIDER_GRACE_MS,
  POSTRIDER_RETRY_SCHEDULE: tuned.POSTRIDER_RETRY_SCHEDULE,
  POSTRIDER_SHARDS: tuned.POSTRIDER_SHARDS,
});

export const deadLetterEnvironment = (known: Known): Complete<"deadLetter"> => ({
  POSTRIDER_METRICS_NAMESPACE: known.metricsNamespace,
});

/** Without those that are at their default. */
export const variablesOf = (
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((each): each is [string, string] => each[1] !== undefined),
  );
