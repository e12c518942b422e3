import {
  type Alarm,
  AlarmStatusWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import { metricPeriod as period } from "./metric-period.ts";
import type { Monitored } from "./monitoring.ts";

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
const flow = ({ functions: { api, worker } }: Monitored): IWidget[] => [
  graph(
    "Submits",
    "messages",
    api.count("MessagesAccepted"),
    api.count("MessagesRepeated"),
    api.count("MessagesRefused"),
    api.count("SystemErrors"),
  ),
  graph("Attempts", "attempts", worker.count("AttemptsSucceeded"), worker.count("AttemptsFailed")),
  graph("Outcomes", "messages", worker.count("MessagesCompleted"), worker.count("MessagesFailed")),
];

const latency = ({ functions }: Monitored): IWidget[] => [
  graph("Submit duration", "ms", ...functions.api.percentiles("SubmitDuration")),
  graph("Target response time", "ms", ...functions.worker.percentiles("ExchangeDuration")),
  graph(
    "Function duration, p95",
    "ms",
    ...Object.values(functions).map(({ bundle, lambda }) =>
      lambda.metricDuration({ statistic: "p95", period, label: bundle }),
    ),
  ),
];

const backlog = ({ queues: { deliveries, deadLetters }, functions }: Monitored): IWidget[] => [
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
    right: [functions.dispatcher.longest("OldestDueAge").with({ label: "oldest due, ms" })],
    leftYAxis: { label: "s", min: 0, showUnits: false },
    rightYAxis: { label: "ms", min: 0, showUnits: false },
    width: 8,
    height: 6,
    period,
  }),
  graph(
    "Recovery",
    "messages, records",
    functions.dispatcher.count("MessagesDispatched"),
    functions.dispatcher.count("LeasesReleased"),
    functions.dispatcher.count("MessagesQuarantined"),
    functions.worker.count("RecordsDropped"),
    functions.worker.count("RecordsFailed"),
    functions.deadLetter.count("DeadLetters"),
  ),
];

const engine = ({ functions, table, endpoint }: Monitored): IWidget[] => [
  graph(
    "Concurrency",
    "executions",
    ...Object.values(functions).map(({ bundle, lambda }) =>
      lambda.metric("ConcurrentExecutions", { statistic: Stats.MAXIMUM, period, label: bundle }),
    ),
  ),
  graph(
    "Errors",
    "errors",
    endpoint.serverErrors.with({ label: "5xx answers" }),
    functions.dispatcher.count("SystemErrors").with({ label: "not dispatched" }),
    ...Object.values(functions).map(({ bundle, lambda }) =>
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
