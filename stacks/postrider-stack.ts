import { CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { alarmsOf } from "./alarms.ts";
import type { Stage } from "./config.ts";
import { dashboardOf } from "./dashboard.ts";
import { customerKey } from "./encryption.ts";
import { entranceOf } from "./entrance.ts";
import { functionsOf } from "./functions.ts";
import { masterKeySecret } from "./master-key.ts";
import { queuesOf } from "./queues.ts";
import { messageTable } from "./table.ts";
import { trigger } from "./triggers.ts";

/** A whole Postrider of one stage. `codeFolder` is what the bundle has made. */
export class PostriderStack extends Stack {
  constructor(scope: Construct, stage: Stage, codeFolder: string) {
    const { name, account, region } = stage;
    super(scope, `postrider-${name}`, {
      description: `Postrider ${name}: reliable delivery of HTTP messages`,
      env: { account, region },
      terminationProtection: stage.keepsData,
    });
    // CloudFormation's schema of a dashboard has no tags, though CDK's class has.
    const excludeResourceTypes = ["AWS::CloudWatch::Dashboard"];
    Tags.of(this).add("postrider:stage", name, { excludeResourceTypes });

    const key = customerKey(this, stage);
    const table = messageTable(this, stage, key);
    const queues = queuesOf(this, stage, key);
    const masterKey = masterKeySecret(this, stage, key);
    const functions = functionsOf(this, stage, { ...queues, table, masterKey, key }, codeFolder);
    trigger(this, stage, functions, queues);
    const entrance = entranceOf(this, stage, functions.api, key);

    const watched = { ...queues, functions, table, entrance };
    const { topic, alarms } = alarmsOf(this, stage, watched);
    const dashboard = dashboardOf(this, watched, alarms);

    const outputs = {
      Url: entrance.url,
      TableName: table.tableName,
      QueueUrl: queues.queue.queueUrl,
      DeadLetterQueueUrl: queues.deadLetters.queueUrl,
      MasterKeySecret: masterKey.secretArn,
      AlarmTopic: topic.topicArn,
      DashboardName: dashboard.dashboardName,
    };
    for (const [output, value] of Object.entries(outputs)) new CfnOutput(this, output, { value });
  }
}
