import { Stack } from "aws-cdk-lib";
import { Alarm, Dashboard, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { alarmDefinitions } from "./alarms.ts";
import { dashboardWidgets } from "./dashboard.ts";
import type { DeliveryFunction } from "./delivery-function.ts";
import type { HttpEndpoint } from "./http-endpoint.ts";
import { AlarmKey } from "./keys.ts";
import type { AlarmThresholds } from "./members.ts";
import type { PublishedMetrics } from "./published-metrics.ts";
import type { Queues } from "./queues.ts";

/** The functions. Without a worker, one of the app's own reads the queue. */
export type Functions = Readonly<Record<"api" | "dispatcher" | "deadLetter", DeliveryFunction>> & {
  readonly worker?: DeliveryFunction;
};

/** Returns all functions that there are. */
export const allOf = (functions: Functions): readonly DeliveryFunction[] =>
  Object.values(functions).filter((each) => each !== undefined);

/** What alarms and dashboard show. */
export interface Monitored {
  readonly endpoint: HttpEndpoint;
  readonly table: ITable;
  readonly queues: Queues;
  readonly functions: Functions;
  /** What is published of attempts, by the worker or by one of the app's own. */
  readonly attempts: PublishedMetrics;
}

export interface MonitoringProps extends Monitored {
  readonly stageName: string;
  readonly alarms: AlarmThresholds;
  /** One of the app's own, in place of a new one. */
  readonly alarmTopic: ITopic | undefined;
}

/** Alarms, the topic that they are published to, and a dashboard. */
export class Monitoring extends Construct {
  readonly topic: ITopic;
  readonly alarms: readonly Alarm[];
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.topic = props.alarmTopic ?? this.newTopic(props);
    const action = new SnsAction(this.topic);
    this.alarms = alarmDefinitions(props, props.alarms).map((definition) => {
      const alarm = new Alarm(this, definition.id, {
        // A metric is published when something happens. Nothing to count is not a fault.
        treatMissingData: TreatMissingData.NOT_BREACHING,
        ...definition,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    });
    // Without a name of its own: a dashboard's is unique in the account, in all its regions.
    this.dashboard = new Dashboard(this, "Dashboard", {
      widgets: dashboardWidgets(props, this.alarms),
    });
  }

  private newTopic({ stageName, alarms: { email } }: MonitoringProps): Topic {
    const topic = new Topic(this, "Topic", {
      displayName: `Postrider ${stageName}`,
      masterKey: new AlarmKey(this, "Key", { stageName }),
      enforceSSL: true,
    });
    // A topic with a policy of its own admits nobody who is not named in it.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    if (email) topic.addSubscription(new EmailSubscription(email));
    return topic;
  }
}
