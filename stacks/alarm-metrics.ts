/** What alarms compute from more than one metric. */
import { Duration } from "aws-cdk-lib";
import { type IMetric, MathExpression, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { type ITable, Operation } from "aws-cdk-lib/aws-dynamodb";
import { tableDescription } from "../entities/table.ts";
import type { DeliveryFunction } from "./delivery-function.ts";
import { metricPeriod as period } from "./metric-period.ts";
import type { PublishedMetrics } from "./published-metrics.ts";

export const quarterHour = Duration.minutes(15);

/** Adds metrics up. One that was never published counts as 0. */
const sumOf = (label: string, metrics: readonly IMetric[]): MathExpression => {
  const named = metrics.map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    label,
    period,
    expression: named.map(([name]) => `FILL(${name}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(named),
  });
};

/** Returns the share of attempts that failed, in percent; 0 if there were too few to tell. */
export const failedShare = (attempts: PublishedMetrics, attemptsMin: number): MathExpression => {
  const all = "(FILL(failed, 0) + FILL(succeeded, 0))";
  return new MathExpression({
    label: "Failed attempts, %",
    period: quarterHour,
    expression: `IF(FILL(failed, 0) + FILL(succeeded, 0) >= ${attemptsMin}, 100 * FILL(failed, 0) / ${all}, 0)`,
    usingMetrics: {
      failed: attempts.count("AttemptsFailed"),
      succeeded: attempts.count("AttemptsSucceeded"),
    },
  });
};

/** Returns how often Lambda refused to run a function. */
export const functionThrottles = (functions: readonly DeliveryFunction[]): MathExpression =>
  sumOf(
    "Throttles",
    functions.map(({ lambda }) => lambda.metricThrottles({ period })),
  );

/** Returns the throttled requests. DynamoDB counts those of each index separately. */
export const tableThrottles = (table: ITable): MathExpression => {
  const sum = { statistic: Stats.SUM, period };
  return sumOf("Throttled reads and writes", [
    ...["ReadThrottleEvents", "WriteThrottleEvents"].map((name) => table.metric(name, sum)),
    ...Object.keys(tableDescription.indexes).map((GlobalSecondaryIndexName) =>
      table.metric("WriteThrottleEvents", {
        ...sum,
        dimensionsMap: { TableName: table.tableName, GlobalSecondaryIndexName },
      }),
    ),
  ]);
};

const operations = [
  ...[Operation.PUT_ITEM, Operation.UPDATE_ITEM],
  ...[Operation.GET_ITEM, Operation.BATCH_GET_ITEM, Operation.QUERY],
];

/** Returns the internal errors of DynamoDB. */
export const tableErrors = (table: ITable): MathExpression =>
  sumOf(
    "System errors",
    operations.map((operation) =>
      table.metric("SystemErrors", {
        statistic: Stats.SUM,
        period,
        dimensionsMap: { TableName: table.tableName, Operation: operation },
      }),
    ),
  );
