import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { Postrider } from "./postrider.ts";
import type { Stage } from "./stage.ts";

export interface PostriderStackProps extends StackProps {
  readonly stage: Stage;
  /** Where the code of the functions is, if not where `npm run bundle` puts it. */
  readonly codeFolder?: string;
}

/** A stack with one Postrider, and what an operator needs to know of it as outputs. */
export class PostriderStack extends Stack {
  constructor(scope: Construct, id: string, { stage, codeFolder, ...props }: PostriderStackProps) {
    const { account, region, ...members } = stage;
    super(scope, id, {
      description: `Postrider ${stage.name}: reliable delivery of HTTP messages`,
      env: { account, region },
      terminationProtection: stage.retainData,
      ...props,
    });
    // CDK leaves `Default` out of logical ids: they read as if there were nothing between.
    const mail = new Postrider(this, "Default", { ...members, codeFolder });

    const outputs = {
      Url: mail.url,
      DomainTarget: mail.domainTarget,
      TableName: mail.table.tableName,
      QueueUrl: mail.queue.queueUrl,
      DeadLetterQueueUrl: mail.deadLetterQueue.queueUrl,
      MasterKeySecret: mail.masterKey.secretArn,
      AlarmTopic: mail.alarmTopic.topicArn,
      DashboardName: mail.dashboard.dashboardName,
    };
    for (const [output, value] of Object.entries(outputs))
      if (value !== undefined) new CfnOutput(this, output, { value });
  }
}
