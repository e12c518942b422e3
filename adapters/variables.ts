import * as z from "zod";
import { parseCidr } from "../domain/address.ts";
import { parseDuration } from "../domain/duration.ts";
import { limits } from "../domain/limits.ts";
import { parseMasterKeys } from "./master-keys.ts";

/** An environment variable that must be set: what it is for, and how it is read. */
export type Needed<Value = unknown> = {
  readonly about: string;
  readonly schema: z.ZodType<Value, string>;
};
/** One that need not be: `fallback` is its text where it is not set. */
export type Tunable<Value = unknown> = Needed<Value> & { readonly fallback: string };
export type Variable<Value = unknown> = Needed<Value> | Tunable<Value>;
export type Variables = Readonly<Record<string, Variable>>;

export const needed = <Value>(schema: z.ZodType<Value, string>, about: string): Needed<Value> => ({
  schema,
  about,
});

export const tunable = <Value>(
  schema: z.ZodType<Value, string>,
  fallback: string,
  about: string,
): Tunable<Value> => ({ schema, fallback, about });

export const wholeNumber = (min: number, max: number) => {
  const fault = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, fault)
    .transform(Number)
    .pipe(z.number().min(min, fault).max(max, fault));
};

const hourMs = 3_600_000;
export const milliseconds = (min: number, max = hourMs) => wholeNumber(min, max);

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

/** Undefined: the edition keeps a key itself. */
export const masterKeysOrFile = z.string().transform((text, context) => {
  if (text === "file") return undefined;
  const { keys, faults } = parseMasterKeys(text);
  for (const message of faults) context.addIssue({ code: "custom", message });
  return keys;
});

/** What can be tuned in every edition. */
export const tunables = (given: {
  readonly clockMarginMs: string;
  readonly allowTargets: string;
  readonly allowHttp: string;
}) => ({
  POSTRIDER_LEASE_MS: tunable(
    milliseconds(100),
    "65000",
    "How long a worker holds a message for one attempt. When it is over, the message is given to another.",
  ),
  POSTRIDER_CLOCK_MARGIN_MS: tunable(
    milliseconds(0, 60_000),
    given.clockMarginMs,
    "By how much the clocks of two machines may differ.",
  ),
  POSTRIDER_GRACE_MS: tunable(
    milliseconds(0),
    "60000",
    "How long after its time the dispatcher looks whether an attempt has been made. At most the lease.",
  ),
  POSTRIDER_TIMEOUT_MS: tunable(
    milliseconds(limits.timeoutMsMin, limits.timeoutMsMax),
    "15000",
    "How long one exchange with a target may take as a whole, unless the message or its sender says otherwise.",
  ),
  POSTRIDER_RETRY_SCHEDULE: tunable(
    durations,
    "5s,30s,2m,10m,30m,2h,6h,14h,24h",
    "The waits between attempts, each ±20 %. There is one attempt more than there are waits.",
  ),
  POSTRIDER_RETENTION_DAYS: tunable(
    wholeNumber(1, limits.retentionDaysMax),
    "30",
    "For how many days a message is kept, and its id refused to another.",
  ),
  POSTRIDER_SHARDS: tunable(
    wholeNumber(1, limits.shardsMax),
    "8",
    "Over how many partitions each index is spread. May only grow.",
  ),
  POSTRIDER_ALLOW_TARGETS: tunable(
    ranges,
    given.allowTargets,
    "Ranges of addresses (CIDR, comma-separated) that deliveries may reach besides public ones; `none`.",
  ),
  POSTRIDER_ALLOW_HTTP: tunable(
    plainHttp,
    given.allowHttp,
    "Whether deliveries may go without TLS: `true`, `false`, or to `allowed-ranges` only.",
  ),
});
