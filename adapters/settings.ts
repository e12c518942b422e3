import * as z from "zod";
import { ConfigurationError, type Environment, unknownVariables } from "./environment.ts";
import { inWords } from "./in-words.ts";
import { metricsNamespace } from "./metrics.ts";
import { poolVariable, threadsMin } from "./thread-pool.ts";
import {
  masterKeysOrFile,
  milliseconds,
  type Needed,
  needed,
  type Tunable,
  tunable,
  tunables,
  type Variables,
  wholeNumber,
} from "./variables.ts";

export { ConfigurationError, unknownVariables };

const onAws = tunables({ clockMarginMs: "5000", allowTargets: "none", allowHttp: "false" });
const table = needed(z.string().min(3), "The name of the DynamoDB table.");
const queueUrl = needed(z.url(), "The URL of the SQS queue.");
const masterKeySecret = needed(
  z.string().min(1),
  "The ARN or the name of the secret in Secrets Manager that holds the master keys: each 32 bytes, in base64 or as 64 hexadecimal digits, comma-separated, newest first.",
);
const namespace = tunable(
  z.string().regex(metricsNamespace.pattern, metricsNamespace.fault),
  metricsNamespace.fallback,
  "The namespace in CloudWatch that metrics are published under: up to 255 letters, digits, spaces and `.-_/#:`. Two deployments that share it are counted together.",
);
// A run of the dispatcher begins nothing in its last five seconds, and a worker needs as long to write
// down what came of an attempt.
const functionTimeout = needed(milliseconds(6000, 900_000), "The time-out of the function itself.");

/** What each function on AWS reads: what it uses, and nothing else. */
export const functionVariables = {
  api: {
    POSTRIDER_TABLE: table,
    POSTRIDER_QUEUE_URL: queueUrl,
    POSTRIDER_METRICS_NAMESPACE: namespace,
    POSTRIDER_MASTER_KEY_SECRET: masterKeySecret,
    POSTRIDER_GRACE_MS: onAws.POSTRIDER_GRACE_MS,
    POSTRIDER_RETRY_SCHEDULE: onAws.POSTRIDER_RETRY_SCHEDULE,
    POSTRIDER_RETENTION_DAYS: onAws.POSTRIDER_RETENTION_DAYS,
    POSTRIDER_SHARDS: onAws.POSTRIDER_SHARDS,
    POSTRIDER_ALLOW_TARGETS: onAws.POSTRIDER_ALLOW_TARGETS,
    POSTRIDER_ALLOW_HTTP: onAws.POSTRIDER_ALLOW_HTTP,
  },
  worker: {
    POSTRIDER_TABLE: table,
    POSTRIDER_QUEUE_URL: queueUrl,
    POSTRIDER_METRICS_NAMESPACE: namespace,
    POSTRIDER_MASTER_KEY_SECRET: masterKeySecret,
    POSTRIDER_FUNCTION_TIMEOUT_MS: functionTimeout,
    POSTRIDER_VISIBILITY_MS: needed(
      milliseconds(1000, 43_200_000),
      "The visibility timeout of the queue.",
    ),
    UV_THREADPOOL_SIZE: needed(
      wholeNumber(threadsMin, 1024),
      "The threads of Node's pool, of which look-ups of names may hold half. Slow name servers would hold up every target with fewer.",
    ),
    POSTRIDER_LEASE_MS: onAws.POSTRIDER_LEASE_MS,
    POSTRIDER_CLOCK_MARGIN_MS: onAws.POSTRIDER_CLOCK_MARGIN_MS,
    POSTRIDER_GRACE_MS: onAws.POSTRIDER_GRACE_MS,
    POSTRIDER_TIMEOUT_MS: onAws.POSTRIDER_TIMEOUT_MS,
    POSTRIDER_RETRY_SCHEDULE: onAws.POSTRIDER_RETRY_SCHEDULE,
    POSTRIDER_ALLOW_TARGETS: onAws.POSTRIDER_ALLOW_TARGETS,
    POSTRIDER_ALLOW_HTTP: onAws.POSTRIDER_ALLOW_HTTP,
  },
  dispatcher: {
    POSTRIDER_TABLE: table,
    POSTRIDER_QUEUE_URL: queueUrl,
    POSTRIDER_METRICS_NAMESPACE: namespace,
    POSTRIDER_FUNCTION_TIMEOUT_MS: functionTimeout,
    POSTRIDER_CLOCK_MARGIN_MS: onAws.POSTRIDER_CLOCK_MARGIN_MS,
    POSTRIDER_GRACE_MS: onAws.POSTRIDER_GRACE_MS,
    POSTRIDER_RETRY_SCHEDULE: onAws.POSTRIDER_RETRY_SCHEDULE,
    POSTRIDER_SHARDS: onAws.POSTRIDER_SHARDS,
  },
  deadLetter: { POSTRIDER_METRICS_NAMESPACE: namespace },
} as const satisfies Readonly<Record<string, Variables>>;

export const localVariables = {
  PORT: tunable(
    wholeNumber(0, 65_535),
    "8787",
    "The port to listen on, on the loopback interface; 0 takes any free one.",
  ),
  POSTRIDER_DATA_DIR: tunable(z.string().min(1), ".postrider", "Where everything is stored."),
  POSTRIDER_DISPATCH_INTERVAL_MS: tunable(
    milliseconds(50),
    "5000",
    "How often the dispatcher looks for messages that are due.",
  ),
  POSTRIDER_LOG: tunable(
    z.enum(["auto", "text", "json"]),
    "auto",
    "How the log is written: `text` to be read, `json` to be collected; `auto` is text on a terminal.",
  ),
  ...tunables({
    clockMarginMs: "0",
    allowTargets: "127.0.0.0/8,::1/128",
    allowHttp: "allowed-ranges",
  }),
  POSTRIDER_MASTER_KEY: tunable(
    masterKeysOrFile,
    "file",
    "The keys that secrets are stored under: each 32 bytes, in base64 or as 64 hexadecimal digits, comma-separated, newest first; or `file`: one key, kept as `master-key` in the data directory.",
  ),
};

type Values<Some extends Variables> = {
  readonly [Name in keyof Some]: Some[Name] extends Needed<infer Value> ? Value : never;
};
type TunableIn<Some> = {
  [Name in keyof Some]: Some[Name] extends Tunable ? Name : never;
}[keyof Some];
type Texts<Some extends Variables> = {
  readonly [Name in Exclude<keyof Some, TunableIn<Some>>]: string;
} & { readonly [Name in TunableIn<Some>]?: string };

export type FunctionName = keyof typeof functionVariables;
export type FunctionSettings<Name extends FunctionName> = Values<(typeof functionVariables)[Name]>;
export type LocalSettings = Values<typeof localVariables>;

/**
 * The environment that a function must be given: a variable that it needs and that is forgotten, or
 * one that it does not know, does not compile. The texts themselves are read when it starts.
 */
export type FunctionEnvironment<Name extends FunctionName> = Texts<
  (typeof functionVariables)[Name]
>;

/**
 * Reads variables at once. Throws a ConfigurationError that names every fault, and with them what
 * `unknownVariables` finds.
 */
export const readSettings = <Some extends Variables>(
  variables: Some,
  environment: Environment,
): Values<Some> => {
  const shape = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      // Prefault, not default: what is written down here is read like what is set.
      "fallback" in variable ? variable.schema.prefault(variable.fallback) : variable.schema,
    ]),
  );
  // A variable that is set to nothing counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ""));
  const parsed = z.object(shape).safeParse(given, { error: inWords });
  if (parsed.success) return parsed.data as Values<Some>;
  throw new ConfigurationError(
    parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
    unknownVariables(variables, environment),
  );
};

/** What is odd about settings of the local edition, but does no harm: a line each. */
export const oddities = (
  settings: LocalSettings,
  variables: Variables,
  environment: Environment,
): readonly string[] => {
  const lease = settings.POSTRIDER_LEASE_MS;
  return [
    ...unknownVariables(variables, environment),
    ...(settings.POSTRIDER_GRACE_MS > lease
      ? ["POSTRIDER_GRACE_MS is more than POSTRIDER_LEASE_MS: a claim may take a second write."]
      : []),
    ...(lease - settings.POSTRIDER_CLOCK_MARGIN_MS < settings.POSTRIDER_TIMEOUT_MS
      ? [
          "POSTRIDER_LEASE_MS less the clock margin is shorter than POSTRIDER_TIMEOUT_MS: an exchange is cut off when its lease is over.",
        ]
      : []),
    ...(!(Number(environment[poolVariable] || threadsMin) >= threadsMin)
      ? [
          `${poolVariable} is less than ${threadsMin}: targets with slow name servers will hold up the others.`,
        ]
      : []),
  ];
};
