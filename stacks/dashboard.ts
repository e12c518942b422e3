import {
  type Alarm,
  AlarmStatusWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import { metricPeriod as period } from "./metric-period.ts";
import { allOf, type Monitored } from "./monitoring.ts";

const graph = (title: string, label: string, ...left: IMetric[]): GraphWidget =>
  new GraphWidget({
    title,
    left,
    leftYAxis: { label, min: 0, showUnits: false },
    width: 8,
    height: 6,
    period,
  });

/** Messages in, attempts out, and how messages ended. */
const flow = ({ functions, attempts }: Monitored): IWidget[] => [
  graph(
    "Submits",
    "messages",
    functions.api.published.count("MessagesAccepted"),
    functions.api.published.count("MessagesRepeated"),
    functions.api.published.count("MessagesRefused"),
    functions.api.published.count("SystemErrors"),
  ),
  graph(
    "Attempts",
    "attempts",
    attempts.count("AttemptsSucceeded"),
    attempts.count("AttemptsFailed"),
  ),
  graph(
    "Outcomes",
    "messages",
    attempts.count("MessagesCompleted"),
    attempts.count("MessagesFailed"),
  ),
];

const latency = ({ functions, attempts }: Monitored): IWidget[] => [
  graph("Submit duration", "ms", ...functions.api.published.percentiles("SubmitDuration")),
  graph("Target response time", "ms", ...attempts.percentiles("ExchangeDuration")),
  graph(
    "Function duration, p95",
    "ms",
    ...allOf(functions).map(({ bundle, lambda }) =>
      lambda.metricDuration({ statistic: "p95", period, label: bundle }),
    ),
  ),
];

const backlog = ({
  queues: { deliveries, deadLetters },
  functions,
  attempts,
}: Monitored): IWidget[] => [
  graph(
    "Records on the queues",
    "records",
    deliveries.metricApproximateNumberOfMessagesVisible({ period, label: "waiting for a worker" }),
    deliveries.metricApproximateNumberOfMessagesNotVisible({ period, label: "being delivered" }),
    deliveries.metricApproximateNumberOfMessagesDelayed({ period, label: "delayed until a retry" }),
    deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: "dead letters" }),
  ),
  new GraphWidget({
    title: "Backlog age",
    left: [
      deliveries.metricApproximateAgeOfOldestMessage({
        statistic: Stats.MAXIMUM,
        period,
        label: "oldest record, s",
      }),
    ],
    right: [
      functions.dispatcher.published.longest("OldestDueAge").with({ label: "oldest due, ms" }),
    ],
    leftYAxis: { label: "s", min: 0, showUnits: false },
    rightYAxis: { label: "ms", min: 0, showUnits: false },
    width: 8,
    height: 6,
    period,
  }),
  graph(
    "Recovery",
    "messages, records",
    functions.dispatcher.published.count("MessagesDispatched"),
    functions.dispatcher.published.count("LeasesReleased"),
    functions.dispatcher.published.count("MessagesQuarantined"),
    attempts.count("RecordsDropped"),
    attempts.count("RecordsFailed"),
    functions.deadLetter.published.count("DeadLetters"),
  ),
];

const engine = ({ functions, table, endpoint }: Monitored): IWidget[] => [
  graph(
    "Concurrency",
    "executions",
    ...allOf(functions).map(({ bundle, lambda }) =>
      lambda.metric("ConcurrentExecutions", { statistic: Stats.MAXIMUM, period, label: bundle }),
    ),
  ),
  graph(
    "Errors",
    "errors",
    endpoint.serverErrors.with({ label: "5xx answers" }),
    functions.dispatcher.published.count("SystemErrors").with({ label: "not dispatched" }),
    ...allOf(functions).map(({ bundle, lambda }) =>
      lambda.metricErrors({ period, label: `${bundle} failed` }),
    ),
  ),
  graph(
    "Table capacity, without indexes",
    "units",
    table.metricConsumedWriteCapacityUnits({ period, label: "written" }),
    table.metricConsumedReadCapacityUnits({ period, label: "read" }),
  ),
];

/** Returns one page that shows whether messages come in, go out and do not pile up. */
export const dashboardWidgets = (monitored: Monitored, alarms: readonly Alarm[]): IWidget[][] => [
  [new AlarmStatusWidget({ title: "Alarms", alarms: [...alarms], width: 24, height: 3 })],
  flow(monitored),
  backlog(monitored),
  latency(monitored),
  engine(monitored),
];
