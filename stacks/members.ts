/** What may differ from one Postrider to another, whether a stage file or a prop says it. */
import { Token } from "aws-cdk-lib";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { settingsReadBy } from "../adapters/read-settings.ts";
import { functionSettings } from "./function-settings.ts";

export const whole = (min: number, max: number) => {
  const fault = `must be a whole number from ${min} to ${max}`;
  return z.number().int(fault).min(min, fault).max(max, fault);
};

/** A text of this form, or one that only CloudFormation knows. */
const text = (pattern: RegExp, fault: string) =>
  z.string().refine((given) => Token.isUnresolved(given) || pattern.test(given), fault);

export const region = text(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as us-east-1");

const units = z
  .strictObject({ min: whole(1, 40_000), max: whole(1, 40_000) })
  .refine(({ min, max }) => min <= max, "must not have a min above its max");

const billing = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ mode: z.literal("on-demand") }),
    z.strictObject({ mode: z.literal("provisioned"), readUnits: units, writeUnits: units }),
  ],
  { error: "must be on-demand or provisioned" },
);

export const certificateArn = /^arn:[\w-]+:acm:([\w-]+):\d{12}:certificate\/[\w-]+$/;
const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

const domain = z.strictObject({
  name: text(hostName, "must be a host name in lower case"),
  certificateArn: text(certificateArn, "must be the ARN of a certificate in ACM"),
});

export const endpoint = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("http-api"),
      requestsPerSecond: whole(1, 100_000).default(500),
      burst: whole(1, 100_000).default(1000),
      domain: domain.optional(),
    }),
    z.strictObject({ kind: z.literal("function-url") }),
  ],
  { error: "must be http-api or function-url" },
);

const memoryMb = whole(128, 10_240);

/** How records are read, by our worker or by one of the app's own. */
export const reading = {
  batchSize: whole(1, 10).default(10),
  maxConcurrency: whole(2, 1000).default(100),
};

const workerFunction = z.strictObject({ memoryMb: memoryMb.default(512), ...reading });

/** Not a union: its faults would not say which member is wrong. */
const worker = z
  .custom<z.input<typeof workerFunction> | false>()
  .transform((given, context): z.output<typeof workerFunction> | false => {
    if (given === false) return false;
    const { data, error } = workerFunction.safeParse(given, { error: inWords });
    for (const issue of error?.issues ?? [])
      context.issues.push({ ...issue, input: given } as z.core.$ZodRawIssue);
    return data ?? z.NEVER;
  });

export const dispatcher = z.strictObject({
  memoryMb: memoryMb.default(1024),
  groups: whole(1, 256).default(4),
  reserveConcurrency: z.boolean().default(false),
});

const alarms = z.strictObject({
  email: z.email("must be an e-mail address").optional(),
  oldestRecordMinutes: whole(16, 1440).default(20),
  oldestDueMinutes: whole(2, 1440).default(10),
  failedAttemptsPercent: whole(1, 100).default(50),
  attemptsMin: whole(1, 1_000_000).default(20),
  failedMessages: whole(1, 1_000_000).default(10),
});

const collector = settingsReadBy("worker").find(([name]) => name === "tracingEndpoint")?.[1];

/** As the functions parse it, but for their word for none: whoever wants none leaves `tracing` out. */
const collectorEndpoint = z.string().check(({ value, issues }) => {
  if (Token.isUnresolved(value)) return;
  const { error } = collector?.schema.safeParse(value === "none" ? "" : value, {
    error: inWords,
  }) ?? { error: undefined };
  for (const { message } of error?.issues ?? [])
    issues.push({ code: "custom", message, input: value });
});

const secretArn = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+-\w{6}$/;
const layerArn = /^arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+$/;
const notRatio = "must be a number from 0 to 1";

const tracing = z.strictObject({
  endpoint: collectorEndpoint,
  headersSecretArn: text(
    secretArn,
    "must be the whole ARN of a secret in Secrets Manager, with the six characters at its end",
  ).optional(),
  layerArn: text(layerArn, "must be the ARN of a version of a Lambda layer").optional(),
  sampleRatio: z.number().min(0, notRatio).max(1, notRatio).default(1),
});

/** The retention periods of CloudWatch Logs in days; 9999 stands for ever. A test compares them. */
export const retentionDays: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922],
  ...[3288, 3653, 9999],
];

/** The schema of each, with its default: `PostriderMembers` says what they mean. */
export const members = {
  billing: billing.prefault({ mode: "on-demand" }),
  retainData: z.boolean().default(true),
  encryption: z.enum(["aws-managed", "customer-key"]).default("aws-managed"),
  endpoint: endpoint.prefault({ kind: "http-api" }),
  listAll: z.boolean().default(true),
  api: z.strictObject({ memoryMb: memoryMb.default(512) }).prefault({}),
  worker: worker.prefault({}),
  dispatcher: dispatcher.prefault({}),
  logDays: z
    .number()
    .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(", ")}`)
    .default(90),
  alarms: alarms.prefault({}),
  tracing: tracing.optional(),
  settings: functionSettings.prefault({}),
};

const all = z.strictObject(members);
/** The members, each with a value. */
export type Members = z.output<typeof all>;
/** The members as they are given. */
export type MembersGiven = z.input<typeof all>;

export type Billing = Members["billing"];
export type Endpoint = Members["endpoint"];
export type AlarmThresholds = Members["alarms"];
export type TracingMember = Members["tracing"];
