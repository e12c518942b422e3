import {
  type ISecurityGroup,
  type IVpc,
  SecurityGroup,
  type SubnetSelection,
} from "aws-cdk-lib/aws-ec2";
import type { Construct } from "constructs";

/** The part of a VPC that the functions run in. */
export interface Network {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection | undefined;
  readonly securityGroups: ISecurityGroup[];
}

export interface NetworkProps {
  readonly stageName: string;
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection | undefined;
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
}

/** Returns where the functions run, with a security group of their own unless some are given. */
export const networkOf = (
  scope: Construct,
  { stageName, vpc, vpcSubnets, securityGroups }: NetworkProps,
): Network => ({
  ...{ vpc, vpcSubnets },
  securityGroups: securityGroups
    ? [...securityGroups]
    : [
        new SecurityGroup(scope, "SecurityGroup", {
          vpc,
          description: `Postrider ${stageName}: functions reach AWS and targets, nothing reaches them`,
        }),
      ],
});
