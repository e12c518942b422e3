import * as z from "zod";
import { parseCidr } from "../domain/address.ts";
import { parseDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { parseMasterKey } from "./vault.ts";

/** One environment variable: what it is for, how it is read, and its text where it is not set. */
export type Variable<Value = unknown> = {
  readonly about: string;
  readonly schema: z.ZodType<Value, string>;
  readonly fallback?: string;
};

const variable = <Value>(
  schema: z.ZodType<Value, string>,
  fallback: string | undefined,
  about: string,
): Variable<Value> => ({ schema, fallback, about });

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, "must be a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));

const hourMs = 3_600_000;
const milliseconds = (min: number, max = hourMs) => wholeNumber(min, max);

/** A comma-separated list in which every entry must be understood. */
const listOf = <Entry>(what: string, parse: (text: string) => Entry | undefined) =>
  z.string().transform((text, context): readonly Entry[] => {
    const texts = text === "" ? [] : text.split(",").map((entry) => entry.trim());
    return texts.flatMap((entry) => {
      const parsed = parse(entry);
      if (parsed !== undefined) return [parsed];
      context.addIssue({ code: "custom", message: `${JSON.stringify(entry)} is not ${what}` });
      return [];
    });
  });

const durations = listOf("a duration such as 30s", (text) => {
  const ms = parseDuration(text);
  return ms === undefined || ms > limits.waitMsMax ? undefined : ms;
}).refine((waits) => waits.length < limits.attemptsMax, "has too many entries");

const parseRanges = listOf("a range of addresses such as 10.0.0.0/8", parseCidr);

/** An empty text would count as not set, so that there being none has a word of its own. */
const ranges = z
  .string()
  .transform((text) => (text === "none" ? "" : text))
  .pipe(parseRanges);

const plainHttp = z.enum(["true", "false", "allowed-ranges"]).transform((text) => {
  if (text === "allowed-ranges") return text;
  return text === "true" ? ("always" as const) : ("never" as const);
});

/** Faults name a key by its place in the list: what it is must not show, not even if it is none. */
const masterKeysIn = (text: string, context: z.RefinementCtx): readonly Uint8Array[] =>
  text.split(",").flatMap((entry, index) => {
    const key = parseMasterKey(entry.trim());
    if (key) return [key];
    context.addIssue({
      code: "custom",
      message: `key ${index + 1} is not the base64 of 32 bytes that are not all zero`,
    });
    return [];
  });

const masterKeys = z.string().transform(masterKeysIn);

/** Undefined: the edition keeps a key itself. */
const masterKeysOrFile = z
  .string()
  .transform((text, context) => (text === "file" ? undefined : masterKeysIn(text, context)));

/** Variables of every edition, less what each sets differently. */
const shared = (given: {
  readonly clockMarginMs: string;
  readonly allowTargets: string;
  readonly allowHttp: string;
}) => ({
  POSTRIDER_LEASE_MS: variable(
    milliseconds(100),
    "65000",
    "How long a worker holds a message for one attempt. When it is over, the message is given to another.",
  ),
  POSTRIDER_CLOCK_MARGIN_MS: variable(
    milliseconds(0, 60_000),
    given.clockMarginMs,
    "By how much the clocks of two machines may differ.",
  ),
  POSTRIDER_GRACE_MS: variable(
    milliseconds(0),
    "120000",
    "How long after its time the dispatcher looks whether an attempt has been made. More than lease and margin.",
  ),
  POSTRIDER_TIMEOUT_MS: variable(
    milliseconds(limits.timeoutMsMin, limits.timeoutMsMax),
    "15000",
    "How long one exchange with a target may take as a whole, unless the message or its sender says otherwise.",
  ),
  POSTRIDER_RETRY_SCHEDULE: variable(
    durations,
    "5s,30s,2m,10m,30m,2h,6h,14h,24h",
    "The waits between attempts, each ±20 %. There is one attempt more than there are waits.",
  ),
  POSTRIDER_RETENTION_DAYS: variable(
    wholeNumber(1, limits.retentionDaysMax),
    "30",
    "For how many days a message is kept, and its id refused to another.",
  ),
  POSTRIDER_SHARDS: variable(
    wholeNumber(1, 256),
    "8",
    "Over how many partitions each index is spread. May only grow.",
  ),
  POSTRIDER_ALLOW_TARGETS: variable(
    ranges,
    given.allowTargets,
    "Ranges of addresses (CIDR, comma-separated) that deliveries may reach besides public ones; `none`.",
  ),
  POSTRIDER_ALLOW_HTTP: variable(
    plainHttp,
    given.allowHttp,
    "Whether deliveries may go without TLS: `true`, `false`, or to `allowed-ranges` only.",
  ),
});

export const lambdaVariables = {
  ...shared({ clockMarginMs: "5000", allowTargets: "none", allowHttp: "false" }),
  POSTRIDER_TABLE: variable(z.string().min(3), undefined, "The name of the DynamoDB table."),
  POSTRIDER_QUEUE_URL: variable(z.url(), undefined, "The URL of the SQS queue."),
  POSTRIDER_MASTER_KEY: variable(
    masterKeys,
    undefined,
    "The keys that secrets are stored under: each the base64 of 32 bytes, comma-separated, newest first.",
  ),
};

export const localVariables = {
  PORT: variable(
    wholeNumber(0, 65_535),
    "8787",
    "The port to listen on, on the loopback interface; 0 takes any free one.",
  ),
  POSTRIDER_DATA_DIR: variable(z.string().min(1), ".postrider", "Where everything is stored."),
  POSTRIDER_DISPATCH_INTERVAL_MS: variable(
    milliseconds(50),
    "5000",
    "How often the dispatcher looks for messages that are due.",
  ),
  POSTRIDER_LOG: variable(
    z.enum(["auto", "text", "json"]),
    "auto",
    "How the log is written: `text` to be read, `json` to be collected; `auto` is text on a terminal.",
  ),
  ...shared({
    clockMarginMs: "0",
    allowTargets: "127.0.0.0/8,::1/128",
    allowHttp: "allowed-ranges",
  }),
  POSTRIDER_MASTER_KEY: variable(
    masterKeysOrFile,
    "file",
    "The keys that secrets are stored under: each the base64 of 32 bytes, comma-separated, newest first. On one machine also `file`: one key, kept as `master-key` in the data directory.",
  ),
};

type Values<Variables extends Record<string, Variable>> = {
  readonly [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};
export type LambdaSettings = Values<typeof lambdaVariables>;
export type LocalSettings = Values<typeof localVariables>;

type Environment = Readonly<Record<string, string | undefined>>;

/** A faulty configuration: every fault of every variable, a line each. */
export class ConfigurationError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length} fault(s):\n${faults.join("\n")}`);
    this.name = "ConfigurationError";
    this.faults = faults;
  }
}

/** Reads the variables of an edition at once. Throws a ConfigurationError that names every fault. */
export const readSettings = <Variables extends Record<string, Variable>>(
  variables: Variables,
  environment: Environment,
): Values<Variables> => {
  const shape = Object.fromEntries(
    Object.entries(variables).map(([name, { schema, fallback }]) => [
      name,
      // Prefault, not default: what is written down here is read like what is set.
      fallback === undefined ? schema : schema.prefault(fallback),
    ]),
  );
  // A variable that is set to nothing counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== ""));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data as Values<Variables>;
  throw new ConfigurationError(
    parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`),
  );
};

/** What is odd about settings, but does no harm: a line each. */
export const oddities = (
  settings: LocalSettings | LambdaSettings,
  variables: Readonly<Record<string, Variable>>,
  environment: Environment,
): readonly string[] => {
  const lease = settings.POSTRIDER_LEASE_MS;
  const leaseAndMargin = lease + settings.POSTRIDER_CLOCK_MARGIN_MS;
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith("POSTRIDER_") && !(name in variables),
  );
  return [
    ...unknown.map((name) => `${name} is not a setting and changes nothing.`),
    ...(settings.POSTRIDER_GRACE_MS <= leaseAndMargin
      ? [
          "POSTRIDER_GRACE_MS is not longer than lease and clock margin: the dispatcher will look at messages that are still being delivered, and postpone them.",
        ]
      : []),
    ...(lease - settings.POSTRIDER_CLOCK_MARGIN_MS < settings.POSTRIDER_TIMEOUT_MS
      ? [
          "POSTRIDER_LEASE_MS less the clock margin is shorter than POSTRIDER_TIMEOUT_MS: an exchange is cut off when its lease is over.",
        ]
      : []),
  ];
};
