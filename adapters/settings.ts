import * as z from "zod";
import { limits } from "../domain/limits.ts";
import { commandSettings } from "./command-settings.ts";
import { metricsNamespace } from "./metrics-namespace.ts";
import {
  durations,
  masterKeysOrFile,
  milliseconds,
  plainHttp,
  ranges,
  wholeNumber,
  yesOrNo,
} from "./setting-schemas.ts";
import { threadsMin } from "./thread-pool.ts";
import { tracingSettings } from "./tracing-settings.ts";

/**
 * Who reads settings: the functions on AWS, the local edition, the command `postrider`,
 * `postrider/outbox` and `postrider/worker` (`ownWorker`).
 */
export type Reader =
  | "api"
  | "worker"
  | "dispatcher"
  | "deadLetter"
  | "senders"
  | "local"
  | "command"
  | "outbox"
  | "ownWorker";

/** A setting: an environment variable, and what code and documentation need to know about it. */
export type Setting<Value = unknown> = {
  readonly variable: string;
  readonly about: string;
  readonly schema: z.ZodType<Value, string>;
  readonly readBy: readonly Reader[];
  /** Its text if it is not set, by edition if they differ. Without one it must be set. */
  readonly fallback?: string | { readonly aws: string; readonly local: string };
};

/**
 * Every setting, once. Types, parsing, the environment that the stacks give to a function, the page
 * `docs/reference/configuration.md` and the warning about misspelt variables are derived from it.
 */
export const settings = {
  leaseMs: {
    variable: "POSTRIDER_LEASE_MS",
    schema: milliseconds(100),
    readBy: ["worker", "local", "ownWorker"],
    fallback: "65000",
    about:
      "How long a worker holds a message for one attempt. After that another worker may take it.",
  },
  clockMarginMs: {
    variable: "POSTRIDER_CLOCK_MARGIN_MS",
    schema: milliseconds(0, 60_000),
    readBy: ["api", "worker", "dispatcher", "local", "ownWorker"],
    fallback: { aws: "5000", local: "0" },
    about: "How much the clocks of two machines may differ.",
  },
  graceMs: {
    variable: "POSTRIDER_GRACE_MS",
    schema: milliseconds(0),
    readBy: ["api", "worker", "dispatcher", "local", "outbox", "ownWorker"],
    fallback: "60000",
    about:
      "How long after the time of an attempt the dispatcher checks whether it was made. At most the lease.",
  },
  timeoutMs: {
    variable: "POSTRIDER_TIMEOUT_MS",
    schema: milliseconds(limits.timeoutMsMin, limits.timeoutMsMax),
    readBy: ["worker", "local", "ownWorker"],
    fallback: "15000",
    about: "The time-out of a whole exchange with a target, if neither message nor sender has one.",
  },
  scheduleMs: {
    variable: "POSTRIDER_RETRY_SCHEDULE",
    schema: durations,
    readBy: ["api", "worker", "dispatcher", "local", "outbox", "ownWorker"],
    fallback: "5s,30s,2m,10m,30m,2h,6h,14h,24h",
    about:
      "The waits between attempts, each ±20 %. There is one attempt more than there are waits.",
  },
  retentionDays: {
    variable: "POSTRIDER_RETENTION_DAYS",
    schema: wholeNumber(1, limits.retentionDaysMax),
    readBy: ["api", "local", "outbox"],
    fallback: "30",
    about: "How many days a message is kept and its id is taken.",
  },
  shards: {
    variable: "POSTRIDER_SHARDS",
    schema: wholeNumber(1, limits.shardsMax),
    readBy: ["api", "worker", "dispatcher", "local", "outbox", "ownWorker"],
    fallback: "8",
    about: "The number of partitions of each index, and of each sender's counts. It may only grow.",
  },
  listAll: {
    variable: "POSTRIDER_LIST_ALL",
    schema: yesOrNo,
    readBy: ["api", "local", "outbox"],
    fallback: "true",
    about:
      "Whether an index of all messages is kept. `false` saves a write unit for each message; only what FAILED or is unfinished can then be listed. Messages that are stored meanwhile are never in that index. On AWS: `listAll` of the stage.",
  },
  countOutcomes: {
    variable: "POSTRIDER_COUNT_OUTCOMES",
    schema: yesOrNo,
    readBy: ["api", "worker", "local", "ownWorker"],
    fallback: "true",
    about:
      "Whether workers count how attempts end, for `GET /v1/outcomes`. It costs a write unit for each sender in a batch. `false`: nothing is counted, and that route answers `404`.",
  },
  allowTargets: {
    variable: "POSTRIDER_ALLOW_TARGETS",
    schema: ranges,
    readBy: ["api", "worker", "local", "outbox"],
    fallback: { aws: "none", local: "127.0.0.0/8,::1/128" },
    about:
      "Ranges of addresses (CIDR, comma-separated) that deliveries may reach besides public ones, or `none`.",
  },
  allowHttp: {
    variable: "POSTRIDER_ALLOW_HTTP",
    schema: plainHttp,
    readBy: ["api", "worker", "local", "outbox"],
    fallback: { aws: "false", local: "allowed-ranges" },
    about: "Whether deliveries may go without TLS: `true`, `false`, or to `allowed-ranges` only.",
  },
  port: {
    variable: "PORT",
    schema: wholeNumber(0, 65_535),
    readBy: ["local"],
    fallback: "8787",
    about: "The port to listen on, on the loopback interface. 0 takes any free port.",
  },
  dataDir: {
    variable: "POSTRIDER_DATA_DIR",
    schema: z.string().min(1),
    readBy: ["local", "command"],
    fallback: ".postrider",
    about: "The directory in which everything is stored.",
  },
  dispatchIntervalMs: {
    variable: "POSTRIDER_DISPATCH_INTERVAL_MS",
    schema: milliseconds(50),
    readBy: ["local"],
    fallback: "5000",
    about: "The interval of the dispatcher.",
  },
  logFormat: {
    variable: "POSTRIDER_LOG",
    schema: z.enum(["auto", "text", "json"]),
    readBy: ["local"],
    fallback: "auto",
    about:
      "The format of the log: `text` for a person, `json` to be collected; `auto` is text on a terminal.",
  },
  masterKeys: {
    variable: "POSTRIDER_MASTER_KEY",
    schema: masterKeysOrFile,
    readBy: ["local"],
    fallback: "file",
    about:
      "The keys that secrets are encrypted with: each 32 bytes, in base64 or as 64 hexadecimal digits, comma-separated, newest first; or `file`: one key, kept as `master-key` in the data directory.",
  },
  table: {
    variable: "POSTRIDER_TABLE",
    schema: z.string().min(3),
    readBy: ["api", "worker", "dispatcher", "senders"],
    about: "The name of the DynamoDB table.",
  },
  queueUrl: {
    variable: "POSTRIDER_QUEUE_URL",
    schema: z.url(),
    readBy: ["api", "worker", "dispatcher"],
    about: "The URL of the SQS queue.",
  },
  metricsNamespace: {
    variable: metricsNamespace.variable,
    schema: z.string().regex(metricsNamespace.pattern, metricsNamespace.fault),
    readBy: ["api", "worker", "dispatcher", "deadLetter"],
    fallback: metricsNamespace.fallback,
    about:
      "The CloudWatch namespace of the metrics: up to 255 letters, digits, spaces and `.-_/#:`. Two deployments that share it are counted together.",
  },
  masterKeySecret: {
    variable: "POSTRIDER_MASTER_KEY_SECRET",
    schema: z.string().min(1),
    readBy: ["api", "worker", "senders"],
    about:
      "The ARN or name of the secret in Secrets Manager with the master keys: each 32 bytes, in base64 or as 64 hexadecimal digits, comma-separated, newest first.",
  },
  functionTimeoutMs: {
    variable: "POSTRIDER_FUNCTION_TIMEOUT_MS",
    // Five seconds are needed to store the outcome of an attempt.
    schema: milliseconds(6000, 900_000),
    readBy: ["worker"],
    about: "The time-out of the function itself.",
  },
  visibilityMs: {
    variable: "POSTRIDER_VISIBILITY_MS",
    schema: milliseconds(1000, 43_200_000),
    readBy: ["worker"],
    about: "The visibility timeout of the queue.",
  },
  threads: {
    variable: "UV_THREADPOOL_SIZE",
    schema: wholeNumber(threadsMin, 1024),
    readBy: ["worker"],
    about:
      "The threads of Node's pool. Name look-ups may hold half of them; with fewer, slow name servers would delay every target.",
  },
  ...tracingSettings,
  ...commandSettings,
} as const satisfies Readonly<Record<string, Setting>>;
