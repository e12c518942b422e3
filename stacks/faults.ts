import type { Alarms, HttpApiEntrance, Provisioned, Stage } from "./config.ts";
import { shardsOf } from "./groups.ts";

type Check = readonly [isFault: boolean, fault: string];

const isBetween = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

const between = (what: string, value: number, min: number, max: number): Check => [
  !isBetween(value, min, max),
  `${what} is ${value}: it must be a whole number from ${min} to ${max}`,
];

const billingChecks = ({ readUnits, writeUnits }: Provisioned): readonly Check[] =>
  Object.entries({ readUnits, writeUnits }).flatMap(([name, { min, max }]) => [
    between(`billing.${name}.min`, min, 1, 40_000),
    between(`billing.${name}.max`, max, 1, 40_000),
    [min > max, `billing.${name} has a min of ${min}, more than its max of ${max}`],
  ]);

const certificate = /^arn:[\w-]+:acm:([\w-]+):\d{12}:certificate\/[\w-]+$/;

const domainChecks = (
  { name, certificateArn }: NonNullable<HttpApiEntrance["domain"]>,
  region: string,
): readonly Check[] => {
  const [, certificateRegion] = certificate.exec(certificateArn) ?? [];
  return [
    [
      !/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(name),
      `entrance.domain.name is "${name}": it must be a host name in lower case`,
    ],
    [
      certificateRegion === undefined,
      `entrance.domain.certificateArn is "${certificateArn}": it must be the ARN of a certificate in ACM`,
    ],
    [
      certificateRegion !== undefined && certificateRegion !== region,
      `entrance.domain.certificateArn is of ${certificateRegion}: it must be of the stage's region, ${region}`,
    ],
  ];
};

const entranceChecks = (entrance: HttpApiEntrance, region: string): readonly Check[] => [
  between("entrance.requestsPerSecond", entrance.requestsPerSecond, 1, 100_000),
  between("entrance.burst", entrance.burst, 1, 100_000),
  ...(entrance.domain ? domainChecks(entrance.domain, region) : []),
];

const alarmChecks = (alarms: Alarms): readonly Check[] => [
  [
    alarms.email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alarms.email),
    `alarms.email is "${alarms.email}": it must be an e-mail address`,
  ],
  between("alarms.oldestRecordMinutes", alarms.oldestRecordMinutes, 16, 1440),
  between("alarms.oldestDueMinutes", alarms.oldestDueMinutes, 2, 1440),
  between("alarms.failedAttemptsPercent", alarms.failedAttemptsPercent, 1, 100),
  between("alarms.attemptsMin", alarms.attemptsMin, 1, 1_000_000),
  between("alarms.failedMessages", alarms.failedMessages, 1, 1_000_000),
];

/** The days that CloudWatch Logs may keep a group; 9999: for ever. CDK's `RetentionDays`, by a test. */
export const retentionDays: readonly number[] = [
  ...[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922],
  ...[3288, 3653, 9999],
];

/**
 * What is wrong with a stage, each fault a line that says what would be right. The settings of the
 * functions are judged by the functions, when they start.
 */
export const faultsOf = (stage: Stage): readonly string[] => {
  const { name, account, region, billing, entrance, api, worker, dispatcher } = stage;
  const checks: readonly Check[] = [
    [
      !/^[a-z][a-z0-9-]{0,20}$/.test(name),
      `name is "${name}": it must be up to 21 of a-z, 0-9 and -, beginning with a letter`,
    ],
    [!/^\d{12}$/.test(account), `account is "${account}": it must be the 12 digits of an account`],
    [
      !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region),
      `region is "${region}": it must be a region such as us-east-1`,
    ],
    ...(billing === "on-demand" ? [] : billingChecks(billing)),
    ...(entrance.kind === "http-api" ? entranceChecks(entrance, region) : []),
    between("api.memoryMb", api.memoryMb, 128, 10_240),
    between("worker.memoryMb", worker.memoryMb, 128, 10_240),
    between("dispatcher.memoryMb", dispatcher.memoryMb, 128, 10_240),
    between("dispatcher.groups", dispatcher.groups, 1, shardsOf(stage)),
    between("worker.batchSize", worker.batchSize, 1, 10),
    between("worker.maxConcurrency", worker.maxConcurrency, 2, 1000),
    [
      !retentionDays.includes(stage.logDays),
      `logDays is ${stage.logDays}: it must be one of ${retentionDays.join(", ")}`,
    ],
    ...alarmChecks(stage.alarms),
  ];
  return checks.filter(([isFault]) => isFault).map(([, fault]) => `${name}: ${fault}`);
};

/** What is wrong with all of them; each fault begins with the name of its stage. */
export const faultsOfAll = (stages: readonly Stage[]): readonly string[] => {
  const names = stages.map(({ name }) => name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...stages.flatMap(faultsOf),
    ...doubled.map((name) => `${name}: there are two stages of this name`),
  ];
};

/** What `cdk` prints of them before it ends. */
export const faultsInWords = (faults: readonly string[]): string =>
  [
    `stacks/config.ts has ${faults.length} ${faults.length === 1 ? "fault" : "faults"}:`,
    ...faults,
  ].join("\n");
