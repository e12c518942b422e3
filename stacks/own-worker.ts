import { Token } from "aws-cdk-lib";
import { Alarm, type IAlarm, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import {
  type CfnFunction,
  EventSourceMapping,
  type Function as LambdaFunction,
  RecursiveLoop,
} from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import * as z from "zod";
import { inWords } from "../adapters/in-words.ts";
import { settleMs } from "../domain/deadline.ts";
import { grantAttempts, type Shared } from "./access.ts";
import { faultLines } from "./fault-lines.ts";
import { reading } from "./members.ts";
import { metricPeriod as period } from "./metric-period.ts";
import type { AddWorkerProps } from "./own-worker-props.ts";
import { workerTimeout } from "./times.ts";

export interface OwnWorkerProps extends AddWorkerProps {
  readonly worker: LambdaFunction;
  readonly shared: Shared;
  readonly metricsNamespace: string;
  /** The settings of the deployment that attempts are made by. */
  readonly settings: Readonly<Record<string, string>>;
  /** How long an exchange may take at most, in milliseconds. */
  readonly timeoutMs: number;
  readonly alarmTopic: ITopic;
}

const schema = z.strictObject({ ...reading, secretHeaders: z.boolean().default(false) });
export type AddWorkerPropsGiven = z.input<typeof schema>;

/** Lambda's own, where a function says nothing. */
const timeoutSecondsDefault = 3;

/** Returns what is wrong with the time-out of a function: no attempt would be made, or one made twice. */
const timeoutFaults = ({ timeout }: LambdaFunction, timeoutMs: number): readonly string[] => {
  if (timeout && Token.isUnresolved(timeout)) return [];
  const seconds = timeout?.toSeconds({ integral: false }) ?? timeoutSecondsDefault;
  const least = Math.ceil((timeoutMs + settleMs) / 1000);
  const most = workerTimeout.toSeconds();
  return seconds >= least && seconds <= most
    ? []
    : [
        `its time-out must be from ${least} to ${most} seconds, not ${seconds}: an attempt takes up to ${least}, and records are hidden for six times ${most}`,
      ];
};

/**
 * A function of the app's own that handles the records of the queue, by `postrider/worker`. All of it is
 * in the function's stack: the stack of the queue does not know it.
 */
export class OwnWorker extends Construct {
  readonly alarms: readonly IAlarm[];

  constructor(id: string, { worker, shared, alarmTopic, ...props }: OwnWorkerProps) {
    super(worker, id);
    const { batchSize, maxConcurrency, secretHeaders } = props;
    const { data, error } = schema.safeParse(
      { batchSize, maxConcurrency, secretHeaders },
      { error: inWords },
    );
    const faults = [
      ...(error ? faultLines(error, "is not a prop of addWorker") : []),
      ...timeoutFaults(worker, props.timeoutMs),
    ];
    if (!data || faults.length > 0)
      throw new Error([`The worker ${worker.node.path} has faults:`, ...faults].join("\n- "));

    const environment = {
      POSTRIDER_TABLE: shared.table.tableName,
      POSTRIDER_QUEUE_URL: shared.queue.queueUrl,
      POSTRIDER_METRICS_NAMESPACE: props.metricsNamespace,
      POSTRIDER_SETTINGS: JSON.stringify(props.settings),
      ...(data.secretHeaders && { POSTRIDER_MASTER_KEY_SECRET: shared.masterKey.secretArn }),
    };
    for (const [name, value] of Object.entries(environment)) worker.addEnvironment(name, value);
    // It sends its retries to the queue that it reads. Lambda would stop it after 16 rounds.
    (worker.node.defaultChild as CfnFunction).recursiveLoop = RecursiveLoop.ALLOW;
    const source = new EventSourceMapping(this, "Source", {
      ...{ target: worker, eventSourceArn: shared.queue.queueArn },
      ...{ batchSize: data.batchSize, maxConcurrency: data.maxConcurrency },
      reportBatchItemFailures: true,
    });
    // Lambda refuses a source that the function may not read.
    grantAttempts(shared, worker, data.secretHeaders).applyBefore(source);
    this.alarms = this.alarmsOf(worker, alarmTopic);
  }

  /** What is watched of our own worker, too. */
  private alarmsOf(worker: LambdaFunction, topic: ITopic): readonly IAlarm[] {
    const once = {
      ...{ threshold: 1, evaluationPeriods: 3, datapointsToAlarm: 2 },
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
    const alarms = [
      new Alarm(this, "Fails", {
        ...{ ...once, metric: worker.metricErrors({ period }) },
        alarmDescription:
          "The worker crashes, times out or runs out of memory. Its messages are safe: their records come back.",
      }),
      new Alarm(this, "IsThrottled", {
        ...{ ...once, metric: worker.metricThrottles({ period }) },
        alarmDescription:
          "Lambda throttles the worker: the concurrency of the account is used up, or too much of it is reserved.",
      }),
    ];
    const action = new SnsAction(topic);
    for (const alarm of alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    return alarms;
  }
}
