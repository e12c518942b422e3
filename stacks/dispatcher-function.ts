import { Duration, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { EventInvokeConfig } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { Construct } from "constructs";
import {
  type CommonFunctionProps,
  DeliveryFunction,
  type DeliveryResources,
  resourceSettings,
} from "./delivery-function.ts";
import { environmentOf } from "./environment.ts";
import { shardsOf } from "./function-settings.ts";
import { queryIndexes, send, useKey, useTable } from "./grants.ts";
import { shardGroups } from "./shard-groups.ts";

export interface DispatcherFunctionProps extends CommonFunctionProps, DeliveryResources {
  readonly memoryMb: number;
  readonly groups: number;
  readonly listAll: boolean;
  readonly reserveConcurrency: boolean;
}

const retries = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

/**
 * Dispatches the messages that are due. Runs every minute, once for each group of shards. A run that
 * fails is not retried: the next one does its work. A run ends before the next one of its group
 * starts. EventBridge may start one twice, which does no harm.
 */
export class DispatcherFunction extends DeliveryFunction {
  constructor(scope: Construct, id: string, props: DispatcherFunctionProps) {
    const { table, queues, settings, encryptionKey, groups, listAll } = props;
    super(scope, id, {
      ...props,
      bundle: "dispatcher",
      description: "Dispatches the messages that are due, every minute",
      timeout: Duration.seconds(55),
      environment: environmentOf("dispatcher", resourceSettings(props), settings),
      statements: [
        useTable(table, "BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        queryIndexes(table, listAll),
        send(queues.deliveries),
        ...useKey(table.encryptionKey, "table"),
        ...useKey(encryptionKey, "send"),
      ],
      reservedConcurrentExecutions: props.reserveConcurrency ? groups : undefined,
    });
    const role = this.scheduleRole(props.stageName);
    for (const [group, shards] of shardGroups(shardsOf(settings), groups).entries())
      new Schedule(this, `Schedule${group}`, {
        description: `Postrider ${props.stageName}: starts the dispatcher for shard group ${group}`,
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        target: new LambdaInvoke(this.invoked, {
          role,
          input: ScheduleTargetInput.fromObject({ shards }),
          ...retries,
        }),
      });
    new EventInvokeConfig(this, "InvokeConfig", {
      function: this.lambda,
      ...(this.alias && { qualifier: this.alias.aliasName }),
      ...retries,
    });
  }

  /**
   * The role of all schedules. It takes no further statements: LambdaInvoke would add every version
   * and alias of the function.
   */
  private scheduleRole(stageName: string) {
    const stack = Stack.of(this);
    const scheduleGroup = stack.formatArn({
      service: "scheduler",
      resource: "schedule-group",
      resourceName: "default",
    });
    const invoke = new PolicyStatement({
      sid: "Invoke",
      actions: ["lambda:InvokeFunction"],
      resources: [this.invoked.functionArn],
    });
    return new Role(this, "ScheduleRole", {
      description: `Postrider ${stageName}: may start the dispatcher`,
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account, "aws:SourceArn": scheduleGroup },
        },
      }),
      inlinePolicies: { Grants: new PolicyDocument({ statements: [invoke] }) },
    }).withoutPolicyUpdates();
  }
}
