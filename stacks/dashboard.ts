import type { Stack } from "aws-cdk-lib";
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
} from "aws-cdk-lib/aws-cloudwatch";
import { count, longest, percentiles, period } from "./metrics.ts";
import type { Watched } from "./watches.ts";

const graph = (title: string, label: string, ...left: IMetric[]): GraphWidget =>
  new GraphWidget({
    title,
    left,
    leftYAxis: { label, min: 0, showUnits: false },
    width: 8,
    height: 6,
    period,
  });

/** What comes in, what goes out, and what became of it. */
const flow = ({ functions: { api, worker } }: Watched): IWidget[] => [
  graph(
    "In: submits",
    "messages",
    count(api, "MessagesAccepted"),
    count(api, "MessagesRepeated"),
    count(api, "MessagesRefused"),
    count(api, "SystemErrors"),
  ),
  graph(
    "Out: attempts",
    "attempts",
    count(worker, "AttemptsSucceeded"),
    count(worker, "AttemptsFailed"),
  ),
  graph(
    "Ends: messages",
    "messages",
    count(worker, "MessagesCompleted"),
    count(worker, "MessagesFailed"),
  ),
];

const latency = ({ functions }: Watched): IWidget[] => [
  graph("How long a submit takes", "ms", ...percentiles(functions.api, "SubmitDuration")),
  graph("How long targets take", "ms", ...percentiles(functions.worker, "ExchangeDuration")),
  graph(
    "How long functions run, p95",
    "ms",
    ...Object.entries(functions).map(([name, each]) =>
      each.metricDuration({ statistic: "p95", period, label: name }),
    ),
  ),
];

const backlog = ({ queue, deadLetters, functions }: Watched): IWidget[] => [
  graph(
    "Records on the queue",
    "records",
    queue.metricApproximateNumberOfMessagesVisible({ period, label: "to be received" }),
    queue.metricApproximateNumberOfMessagesNotVisible({ period, label: "in work" }),
    queue.metricApproximateNumberOfMessagesDelayed({ period, label: "waiting for a retry" }),
    deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: "dead letters" }),
  ),
  new GraphWidget({
    title: "How far behind",
    left: [
      queue.metricApproximateAgeOfOldestMessage({
        statistic: Stats.MAXIMUM,
        period,
        label: "oldest record, s",
      }),
    ],
    right: [longest(functions.dispatcher, "OldestDueAge").with({ label: "oldest due, ms" })],
    leftYAxis: { label: "s", min: 0, showUnits: false },
    rightYAxis: { label: "ms", min: 0, showUnits: false },
    width: 8,
    height: 6,
    period,
  }),
  graph(
    "What had to be looked after",
    "messages, records",
    count(functions.dispatcher, "MessagesDispatched"),
    count(functions.dispatcher, "LeasesReleased"),
    count(functions.dispatcher, "MessagesQuarantined"),
    count(functions.worker, "RecordsDropped"),
    count(functions.worker, "RecordsFailed"),
    count(functions.deadLetter, "DeadLetters"),
  ),
];

const engine = ({ functions, table, entrance }: Watched): IWidget[] => [
  graph(
    "Functions at work",
    "at once",
    ...Object.entries(functions).map(([name, each]) =>
      each.metric("ConcurrentExecutions", { statistic: Stats.MAXIMUM, period, label: name }),
    ),
  ),
  graph(
    "Faults",
    "faults",
    entrance.serverErrors.with({ label: "5xx answers" }),
    count(functions.dispatcher, "SystemErrors").with({ label: "not dispatched" }),
    ...Object.entries(functions).map(([name, each]) =>
      each.metricErrors({ period, label: `${name} crashed` }),
    ),
  ),
  graph(
    "Units of the table, without its indexes",
    "units",
    table.metricConsumedWriteCapacityUnits({ period, label: "written" }),
    table.metricConsumedReadCapacityUnits({ period, label: "read" }),
  ),
];

/** One page that says at a glance whether messages come in, go out and do not pile up. */
export const dashboardOf = (
  stack: Stack,
  watched: Watched,
  alarms: readonly Alarm[],
): Dashboard => {
  const status = new AlarmStatusWidget({
    title: "Alarms",
    alarms: [...alarms],
    width: 24,
    height: 3,
  });
  return new Dashboard(stack, "Dashboard", {
    dashboardName: stack.stackName,
    widgets: [[status], flow(watched), backlog(watched), latency(watched), engine(watched)],
  });
};
