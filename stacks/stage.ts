/** What may differ from one deployment to another: the schema of `stages/<name>.json`. */
import * as z from "zod";
import { functionSettings, shardsOf } from "./function-settings.ts";

const whole = (min: number, max: number) => {
  const fault = `must be a whole number from ${min} to ${max}`;
  return z.number().int(fault).min(min, fault).max(max, fault);
};

const units = z
  .strictObject({ min: whole(1, 40_000), max: whole(1, 40_000) })
  .refine(({ min, max }) => min <= max, "must not have a min above its max");

const billing = z.discriminatedUnion(
  "mode",
  [
    z.strictObject({ mode: z.literal("on-demand") }),
    // Cheaper where the load is steady. Throttles what grows faster than the units do.
    z.strictObject({ mode: z.literal("provisioned"), readUnits: units, writeUnits: units }),
  ],
  { error: "must be on-demand or provisioned" },
);
export type Billing = z.output<typeof billing>;

const certificateArn = /^arn:[\w-]+:acm:([\w-]+):\d{12}:certificate\/[\w-]+$/;
const hostName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

/**
 * The certificate is one of ACM, in the stage's region. Point the name at the output `DomainTarget`.
 * The address that AWS generated no longer answers.
 */
const domain = z.strictObject({
  name: z.string().regex(hostName, "must be a host name in lower case"),
  certificateArn: z.string().regex(certificateArn, "must be the ARN of a certificate in ACM"),
});

/**
 * An HTTP API throttles, writes access logs and can have a domain. A function URL costs nothing per
 * request and has none of the three.
 */
const endpoint = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("http-api"),
      // Above these, AWS answers 429 and no function is started.
      requestsPerSecond: whole(1, 100_000).default(500),
      burst: whole(1, 100_000).default(1000),
      domain: domain.optional(),
    }),
    z.strictObject({ kind: z.literal("function-url") }),
  ],
  { error: "must be http-api or function-url" },
);
export type Endpoint = z.output<typeof endpoint>;

/** Lambda gives processor time in proportion to memory: 1,769 MB are one whole core. */
const memoryMb = whole(128, 10_240);

const worker = z.strictObject({
  memoryMb: memoryMb.default(512),
  /** How many records one invocation takes and delivers in parallel. */
  batchSize: whole(1, 10).default(10),
  /** How many invocations run at once, at most. Lower it to spare the targets or the account. */
  maxConcurrency: whole(2, 1000).default(100),
});

const dispatcher = z.strictObject({
  memoryMb: memoryMb.default(1024),
  /** How many runs share the shards every minute, in parallel. At most one per shard. */
  groups: whole(1, 256).default(4),
  /**
   * Reserves one concurrent execution for each group. Two runs of one group do no harm, but some work
   * twice. Takes them from the account's unreserved concurrency, of which AWS keeps at least 100.
   */
  reserveConcurrency: z.boolean().default(false),
});

const alarms = z.strictObject({
  /** Receives a confirmation e-mail first. Without one, subscribe to the topic yourself. */
  email: z.email("must be an e-mail address").optional(),
  /** Age of the oldest record on the queue. A retry waits there for up to 15 minutes. */
  oldestRecordMinutes: whole(16, 1440).default(20),
  /** How long a message has been due and not dispatched. */
  oldestDueMinutes: whole(2, 1440).default(10),
  /** Share of failed attempts in 15 minutes, counted if there were at least `attemptsMin`. */
  failedAttemptsPercent: whole(1, 100).default(50),
  attemptsMin: whole(1, 1_000_000).default(20),
  /** Messages that became FAILED within 15 minutes. */
  failedMessages: whole(1, 1_000_000).default(10),
});
export type AlarmThresholds = z.output<typeof alarms>;

/** The retention periods of CloudWatch Logs in days; 9999 stands for ever. A test compares them. */
export const retentionDays: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922],
  ...[3288, 3653, 9999],
];

const shape = z.strictObject({
  /** Names the stack, `postrider-<name>`, and the namespace of its metrics, `Postrider/<name>`. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,20}$/, "must be up to 21 of a-z, 0-9 and -, and begin with a letter"),
  account: z.string().regex(/^\d{12}$/, "must be the 12 digits of an AWS account"),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "must be a region such as us-east-1"),

  billing: billing.prefault({ mode: "on-demand" }),
  /**
   * Keeps table, queues, master key, KMS key and logs when the stack is deleted, and protects stack
   * and table from deletion. If false, `cdk destroy` deletes everything, messages included.
   */
  retainData: z.boolean().default(true),
  /**
   * `customer-key` encrypts table, queues, master key and logs with one KMS key of the account, which
   * can be audited and revoked. AWS charges for each use of it. `aws-managed` costs next to nothing.
   */
  encryption: z.enum(["aws-managed", "customer-key"]).default("aws-managed"),
  endpoint: endpoint.prefault({ kind: "http-api" }),
  /**
   * Whether the table has an index of all messages of a sender. Without it a message costs a write
   * unit less, and only what FAILED or is unfinished can be listed.
   */
  listAll: z.boolean().default(true),

  api: z.strictObject({ memoryMb: memoryMb.default(512) }).prefault({}),
  worker: worker.prefault({}),
  dispatcher: dispatcher.prefault({}),

  logDays: z
    .number()
    .refine((days) => retentionDays.includes(days), `must be one of ${retentionDays.join(", ")}`)
    .default(90),
  alarms: alarms.prefault({}),
  /** Settings of the functions that are not at their default, by variable. */
  settings: functionSettings.prefault({}),
});

/** A check across members runs once the members that it reads are sound, whatever else is wrong. */
const onceSound =
  (members: z.ZodType) =>
  ({ value }: { value: unknown }): boolean =>
    members.safeParse(value).success;
const groupsAndShards = z.looseObject({ dispatcher, settings: functionSettings });
const regionAndEndpoint = z.looseObject({ region: shape.shape.region, endpoint });

const certificateRegion = (to: Endpoint): string | undefined =>
  to.kind === "http-api" && to.domain
    ? certificateArn.exec(to.domain.certificateArn)?.[1]
    : undefined;

/** Parses a stage. Members that are left out get the defaults of a production stage. */
export const stageSchema = shape
  .refine((stage) => stage.dispatcher.groups <= shardsOf(stage.settings), {
    path: ["dispatcher", "groups"],
    error: "must not be more than there are shards (POSTRIDER_SHARDS)",
    when: onceSound(groupsAndShards),
  })
  .refine((stage) => [stage.region, undefined].includes(certificateRegion(stage.endpoint)), {
    path: ["endpoint", "domain", "certificateArn"],
    error: "must be a certificate of the stage's region",
    when: onceSound(regionAndEndpoint),
  });

/** A stage as its file has it. */
export type StageInput = z.input<typeof stageSchema>;
/** A stage with every member. */
export type Stage = z.output<typeof stageSchema>;
