import type { Stack } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Stage } from "./config.ts";
import { alarmKey } from "./encryption.ts";
import { type Watch, type Watched, watchesOf } from "./watches.ts";

const alarmOf = ({ metric, threshold, says, below, times = 1 }: Watch): AlarmProps => ({
  metric,
  threshold,
  alarmDescription: says,
  comparisonOperator: below
    ? ComparisonOperator.LESS_THAN_THRESHOLD
    : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: times === 1 ? 1 : 3,
  datapointsToAlarm: times,
  // Where nothing happens nothing is published; where something must happen, silence is the fault.
  treatMissingData: below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});

/** Where alarms are told. A topic with a policy of its own admits nobody who is not named in it. */
const topicOf = (stack: Stack, stage: Stage): Topic => {
  const topic = new Topic(stack, "Alarms", {
    displayName: `Postrider ${stage.name}`,
    masterKey: alarmKey(stack, stage),
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  if (stage.alarms.email) topic.addSubscription(new EmailSubscription(stage.alarms.email));
  return topic;
};

/** Alarms that somebody would want to be woken by, and the topic that tells when they go off and end. */
export const alarmsOf = (
  stack: Stack,
  stage: Stage,
  watched: Watched,
): { readonly topic: Topic; readonly alarms: readonly Alarm[] } => {
  const topic = topicOf(stack, stage);
  const action = new SnsAction(topic);
  const alarms = watchesOf(watched, stage).map(
    (watch) => new Alarm(stack, watch.id, alarmOf(watch)),
  );
  for (const alarm of alarms) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return { topic, alarms };
};
