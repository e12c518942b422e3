import { Duration, type Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { EventInvokeConfig, EventSourceMapping } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Stage } from "./config.ts";
import type { Functions } from "./functions.ts";
import { groupsOf } from "./groups.ts";
import type { Queues } from "./queues.ts";

/** Hands the records of both queues to their functions. What a batch names as failed comes back, alone. */
const consume = (stack: Stack, { worker }: Stage, functions: Functions, queues: Queues): void => {
  // Not SqsEventSource, which would grant the roles more than they need.
  new EventSourceMapping(stack, "WorkerSource", {
    target: functions.worker,
    eventSourceArn: queues.queue.queueArn,
    batchSize: worker.batchSize,
    maxConcurrency: worker.maxConcurrency,
    reportBatchItemFailures: true,
  });
  new EventSourceMapping(stack, "DeadLetterSource", {
    target: functions.deadLetter,
    eventSourceArn: queues.deadLetters.queueArn,
    batchSize: 10,
    maxConcurrency: 2,
    reportBatchItemFailures: true,
  });
};

/**
 * Runs the dispatcher each minute, for each group of shards by a schedule of its own. A run that
 * fails is not repeated: the next one does its work. One run is over before the next one of its group
 * begins; should two meet all the same, as the scheduler may start one twice, they do no harm.
 */
const schedule = (stack: Stack, stage: Stage, { dispatcher }: Functions): void => {
  const { name } = stage;
  const group = stack.formatArn({
    service: "scheduler",
    resource: "schedule-group",
    resourceName: "default",
  });
  const role = new Role(stack, "ScheduleRole", {
    description: `Postrider ${name}: may start the dispatcher`,
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: {
        StringEquals: { "aws:SourceAccount": stack.account, "aws:SourceArn": group },
      },
    }),
    inlinePolicies: {
      Grants: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: "Invoke",
            actions: ["lambda:InvokeFunction"],
            resources: [dispatcher.functionArn],
          }),
        ],
      }),
    },
  });
  for (const [group, shards] of groupsOf(stage).entries())
    new CfnSchedule(stack, `Schedule${group}`, {
      description: `Postrider ${name}: looks each minute after what is due, group ${group}`,
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: dispatcher.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ shards }),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  new EventInvokeConfig(stack, "DispatcherOnce", {
    function: dispatcher,
    retryAttempts: 0,
    maxEventAge: Duration.minutes(1),
  });
};

/** What makes the functions run that nobody calls. */
export const trigger = (stack: Stack, stage: Stage, functions: Functions, queues: Queues): void => {
  consume(stack, stage, functions, queues);
  schedule(stack, stage, functions);
};
