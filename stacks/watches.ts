import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Operation, type TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { tableDescription } from "../entities/table.ts";
import type { Stage } from "./config.ts";
import type { Entrance } from "./entrance.ts";
import type { Functions } from "./functions.ts";
import { count, longest, period } from "./metrics.ts";
import type { Queues } from "./queues.ts";

/** What is watched. */
export type Watched = Queues & {
  readonly functions: Functions;
  readonly table: TableV2;
  readonly entrance: Entrance;
};

/** An alarm: when it goes off, and what whoever is woken by it must know. */
export type Watch = {
  readonly id: string;
  readonly says: string;
  readonly metric: IMetric;
  /** From this value on; or below it, for what must not fall silent. */
  readonly threshold: number;
  readonly below?: true;
  /** In how many of the last three periods. One blip heals by itself, mostly. */
  readonly times?: 1 | 2 | 3;
};

const quarterHour = Duration.minutes(15);
const minuteMs = 60_000;

const sumOf = (label: string, metrics: readonly IMetric[]): MathExpression => {
  const names = metrics.map((_, index) => `m${index}`);
  return new MathExpression({
    label,
    period,
    // What was never published counts as nothing.
    expression: names.map((name) => `FILL(${name}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
  });
};

const queueWatches = (
  { queue, deadLetters, functions }: Watched,
  { alarms }: Stage,
): readonly Watch[] => [
  {
    id: "QueueIsBehind",
    says: `The oldest record on the queue has waited for ${alarms.oldestRecordMinutes} minutes, longer than any retry rests there. The worker fails, or its concurrency is too small.`,
    metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period }),
    threshold: alarms.oldestRecordMinutes * 60,
    times: 2,
  },
  {
    id: "DeadLettersCame",
    says: "Records could not be handled, five times over: an outage or a bug of ours. Their messages are safe, and are sent again. The log of the dead-letter function has the records.",
    metric: count(functions.deadLetter, "DeadLetters"),
    threshold: 1,
  },
  {
    id: "DeadLettersStay",
    says: "Records rest on the dead-letter queue, and the function that tells of them does not take them.",
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MINIMUM,
      period,
    }),
    threshold: 1,
    times: 3,
  },
];

const dispatcherWatches = ({ dispatcher }: Functions, { alarms }: Stage): readonly Watch[] => [
  {
    id: "DispatcherIsBehind",
    says: `Messages have been due for more than ${alarms.oldestDueMinutes} minutes. The dispatcher fails, a schedule of it is gone, or there is more to do than fits into its runs.`,
    metric: longest(dispatcher, "OldestDueAge"),
    threshold: alarms.oldestDueMinutes * minuteMs,
    times: 2,
  },
  {
    id: "DispatcherIsSilent",
    says: "The dispatcher has not run for five minutes. Nothing is recovered, and nothing that was scheduled is sent.",
    metric: dispatcher.metricInvocations({ period }),
    threshold: 1,
    below: true,
  },
  {
    id: "MessagesQuarantined",
    says: "The dispatcher met messages that it can do nothing about, and moved them out of the way. They are not delivered until somebody mends them. Its log says which, why, and what to do.",
    metric: count(dispatcher, "MessagesQuarantined"),
    threshold: 1,
  },
];

const deliveryWatches = ({ worker }: Functions, { alarms }: Stage): readonly Watch[] => {
  const { failedAttemptsPercent, attemptsMin, failedMessages } = alarms;
  return [
    {
      id: "AttemptsFail",
      says: `${failedAttemptsPercent} % of the attempts of a quarter of an hour have failed. One target that many messages go to is down, or nothing gets out at all.`,
      metric: new MathExpression({
        label: "Failed attempts, %",
        period: quarterHour,
        expression: `IF(FILL(failed, 0) + FILL(succeeded, 0) >= ${attemptsMin}, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(succeeded, 0)), 0)`,
        usingMetrics: {
          failed: count(worker, "AttemptsFailed"),
          succeeded: count(worker, "AttemptsSucceeded"),
        },
      }),
      threshold: failedAttemptsPercent,
    },
    {
      id: "MessagesFail",
      says: `${failedMessages} messages of a quarter of an hour have FAILED for good. They are not tried again.`,
      metric: count(worker, "MessagesFailed").with({ period: quarterHour }),
      threshold: failedMessages,
    },
  ];
};

const functionWatches = (functions: Functions): readonly Watch[] => [
  ...Object.entries(functions).map(([name, each]) => ({
    id: `${each.node.id}Fails`,
    says: `The function ${name} crashes, or runs out of time or memory.`,
    metric: each.metricErrors({ period }),
    threshold: 1,
    times: 2 as const,
  })),
  {
    id: "FunctionsAreThrottled",
    says: "Lambda refuses to run functions: the concurrency of the account is used up, or too much of it is reserved.",
    metric: sumOf(
      "Throttles",
      Object.values(functions).map((each) => each.metricThrottles({ period })),
    ),
    threshold: 1,
    times: 2,
  },
];

/** DynamoDB counts the events of each index by itself. */
const throttlesOf = (table: TableV2): readonly IMetric[] => {
  const names = ["ReadThrottleEvents", "WriteThrottleEvents"];
  const sum = { statistic: Stats.SUM, period };
  const ofIndex = (GlobalSecondaryIndexName: string): IMetric =>
    table.metric("WriteThrottleEvents", {
      ...sum,
      dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName },
    });
  return [
    ...names.map((name) => table.metric(name, sum)),
    ...Object.keys(tableDescription.indexes).map(ofIndex),
  ];
};

const tableWatches = (table: TableV2): readonly Watch[] => [
  {
    id: "TableIsThrottled",
    says: "DynamoDB refuses reads or writes: provisioned units are too few, or one key gets too much.",
    metric: sumOf("Throttled reads and writes", throttlesOf(table)),
    threshold: 1,
    times: 2,
  },
  {
    id: "TableFails",
    says: "DynamoDB answers with faults of its own. See the AWS Health Dashboard; nothing is lost.",
    metric: sumOf(
      "System errors",
      [
        Operation.PUT_ITEM,
        Operation.UPDATE_ITEM,
        Operation.GET_ITEM,
        Operation.BATCH_GET_ITEM,
        Operation.QUERY,
      ].map((operation) =>
        table.metric("SystemErrors", {
          statistic: Stats.SUM,
          period,
          dimensionsMap: { TableName: table.tableName, Operation: operation },
        }),
      ),
    ),
    threshold: 5,
    times: 2,
  },
];

const entranceWatches = ({ serverErrors }: Entrance): readonly Watch[] => [
  {
    id: "EntranceFails",
    says: "Requests are answered with a 5xx. Senders that repeat them lose nothing.",
    metric: serverErrors.with({ period }),
    threshold: 5,
    times: 2,
  },
];

/** What somebody would want to be woken by. */
export const watchesOf = (watched: Watched, stage: Stage): readonly Watch[] => [
  ...entranceWatches(watched.entrance),
  ...queueWatches(watched, stage),
  ...dispatcherWatches(watched.functions, stage),
  ...deliveryWatches(watched.functions, stage),
  ...functionWatches(watched.functions),
  ...tableWatches(watched.table),
];
