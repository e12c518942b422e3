/** The alarms, as data: when each goes off, and what whoever is woken by it must know. */
import {
  type AlarmProps,
  ComparisonOperator,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import {
  failedShare,
  functionThrottles,
  quarterHour,
  tableErrors,
  tableThrottles,
} from "./alarm-metrics.ts";
import type { AlarmThresholds } from "./members.ts";
import { metricPeriod as period } from "./metric-period.ts";
import { allOf, type Monitored } from "./monitoring.ts";

/** An alarm, by its id. It goes off at its threshold or above, unless it says otherwise. */
export interface AlarmDefinition extends AlarmProps {
  readonly id: string;
}

const once = { evaluationPeriods: 1, datapointsToAlarm: 1 };
/** A single bad period mostly recovers by itself. */
const twiceInThree = { evaluationPeriods: 3, datapointsToAlarm: 2 };
const threeInARow = { evaluationPeriods: 3, datapointsToAlarm: 3 };
const minuteMs = 60_000;

const endpointAlarms = ({ endpoint }: Monitored): readonly AlarmDefinition[] => [
  {
    id: "EndpointFails",
    alarmDescription:
      "The API answers requests with 5xx. Messages that were accepted are safe; senders must repeat the others.",
    metric: endpoint.serverErrors.with({ period }),
    threshold: 5,
    ...twiceInThree,
  },
];

const queueAlarms = (
  { queues: { deliveries, deadLetters }, functions }: Monitored,
  { oldestRecordMinutes }: AlarmThresholds,
): readonly AlarmDefinition[] => [
  {
    id: "QueueIsBehind",
    alarmDescription: `The oldest record on the queue is at least ${oldestRecordMinutes} minutes old; a retry waits there for 15 at most. The worker is failing, or its maxConcurrency is too low.`,
    metric: deliveries.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period }),
    threshold: oldestRecordMinutes * 60,
    ...twiceInThree,
  },
  {
    id: "DeadLettersCame",
    alarmDescription:
      "Records failed five times and moved to the dead-letter queue: an outage or a bug of Postrider. Their messages are safe and will be sent again. The log of the dead-letter function has the records.",
    metric: functions.deadLetter.published.count("DeadLetters"),
    threshold: 1,
    ...once,
  },
  {
    id: "DeadLettersStay",
    alarmDescription:
      "The dead-letter queue is not being drained: the dead-letter function is failing or not triggered.",
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MINIMUM,
      period,
    }),
    threshold: 1,
    ...threeInARow,
  },
];

const dispatcherAlarms = (
  { functions: { dispatcher } }: Monitored,
  { oldestDueMinutes }: AlarmThresholds,
): readonly AlarmDefinition[] => [
  {
    id: "DispatcherIsBehind",
    alarmDescription: `Messages have been due for at least ${oldestDueMinutes} minutes. The dispatcher is failing, one of its schedules is missing, or the backlog is more than it can work off.`,
    metric: dispatcher.published.longest("OldestDueAge"),
    threshold: oldestDueMinutes * minuteMs,
    ...twiceInThree,
  },
  {
    id: "DispatcherIsSilent",
    alarmDescription:
      "The dispatcher has not run for five minutes. Lost records are not recovered, and scheduled messages are not sent.",
    metric: dispatcher.lambda.metricInvocations({ period }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
    ...once,
  },
  {
    id: "MessagesQuarantined",
    alarmDescription:
      "The dispatcher found damaged messages and put them in quarantine. They are not delivered until somebody repairs them. The log of the dispatcher says which, why, and what to do.",
    metric: dispatcher.published.count("MessagesQuarantined"),
    threshold: 1,
    ...once,
  },
];

const deliveryAlarms = (
  { attempts }: Monitored,
  { failedAttemptsPercent, attemptsMin, failedMessages }: AlarmThresholds,
): readonly AlarmDefinition[] => [
  {
    id: "AttemptsFail",
    alarmDescription: `At least ${failedAttemptsPercent} % of the attempts of the last 15 minutes failed. A target that receives many messages is down, or the worker cannot reach the internet.`,
    metric: failedShare(attempts, attemptsMin),
    threshold: failedAttemptsPercent,
    ...once,
  },
  {
    id: "MessagesFail",
    alarmDescription: `At least ${failedMessages} messages became FAILED in the last 15 minutes. They are not tried again.`,
    metric: attempts.count("MessagesFailed").with({ period: quarterHour }),
    threshold: failedMessages,
    ...once,
  },
];

const functionAlarms = ({ functions }: Monitored): readonly AlarmDefinition[] => [
  ...allOf(functions).map(({ bundle, lambda, node }) => ({
    id: `${node.id}Fails`,
    alarmDescription: `The ${bundle} function crashes, times out or runs out of memory.`,
    metric: lambda.metricErrors({ period }),
    threshold: 1,
    ...twiceInThree,
  })),
  {
    id: "FunctionsAreThrottled",
    alarmDescription:
      "Lambda throttles the functions: the concurrency of the account is used up, or too much of it is reserved.",
    metric: functionThrottles(allOf(functions)),
    threshold: 1,
    ...twiceInThree,
  },
];

const tableAlarms = ({ table }: Monitored): readonly AlarmDefinition[] => [
  {
    id: "TableIsThrottled",
    alarmDescription:
      "DynamoDB throttles reads or writes: the provisioned units are too few, or one key gets too many requests.",
    metric: tableThrottles(table),
    threshold: 1,
    ...twiceInThree,
  },
  {
    id: "TableFails",
    alarmDescription:
      "DynamoDB answers with internal errors. Nothing is lost. See the AWS Health Dashboard.",
    metric: tableErrors(table),
    threshold: 5,
    ...twiceInThree,
  },
];

/** Returns the alarms of a stage. Each is worth waking somebody for. */
export const alarmDefinitions = (
  monitored: Monitored,
  thresholds: AlarmThresholds,
): readonly AlarmDefinition[] => [
  ...endpointAlarms(monitored),
  ...queueAlarms(monitored, thresholds),
  ...dispatcherAlarms(monitored, thresholds),
  ...deliveryAlarms(monitored, thresholds),
  ...functionAlarms(monitored),
  ...tableAlarms(monitored),
];
