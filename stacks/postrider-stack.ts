import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Postrider } from "./postrider.ts";
import type { Stage } from "./stage.ts";

export interface PostriderStackProps extends StackProps {
  readonly stage: Stage;
  /** Has a folder for each function, as `npm run bundle` makes them. */
  readonly codeFolder: string;
}

/** A stack with one Postrider, and what an operator needs to know of it as outputs. */
export class PostriderStack extends Stack {
  constructor(scope: Construct, id: string, { stage, codeFolder, ...props }: PostriderStackProps) {
    const { name, account, region, retainData } = stage;
    super(scope, id, {
      description: `Postrider ${name}: reliable delivery of HTTP messages`,
      env: { account, region },
      terminationProtection: retainData,
      ...props,
    });
    // CDK leaves `Default` out of logical ids: they read as if there were nothing between.
    const postrider = new Postrider(this, "Default", { stage, codeFolder });

    const { table, queues, masterKey, endpoint, monitoring } = postrider;
    const outputs = {
      Url: endpoint.url,
      DomainTarget: endpoint.domainTarget,
      TableName: table.tableName,
      QueueUrl: queues.deliveries.queueUrl,
      DeadLetterQueueUrl: queues.deadLetters.queueUrl,
      MasterKeySecret: masterKey.secretArn,
      AlarmTopic: monitoring.topic.topicArn,
      DashboardName: monitoring.dashboard.dashboardName,
    };
    for (const [output, value] of Object.entries(outputs))
      if (value !== undefined) new CfnOutput(this, output, { value });
  }
}
