import { Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Tags everything in a construct that can have tags. */
export const tag = (scope: Construct, tags: Readonly<Record<string, string>>): void => {
  // CloudFormation's schema of a dashboard has no tags, though CDK's class has.
  const excludeResourceTypes = ["AWS::CloudWatch::Dashboard"];
  for (const [name, value] of Object.entries(tags))
    Tags.of(scope).add(name, value, { excludeResourceTypes });
};
