import type { IAlarm } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IManagedPolicy } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { IHostedZone } from "aws-cdk-lib/aws-route53";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { PostriderMembers } from "./member-props.ts";

/** What has a log of its own: each function, that of `addSender` too, and the HTTP API. */
export type LogName = "api" | "worker" | "dispatcher" | "deadLetter" | "senders" | "access";

/** How a new version of the functions takes over. */
export interface Canary {
  /**
   * The part of the requests that the new version gets at first, in percent: 1 to 99.
   * @default 10
   */
  readonly percent?: number;
  /**
   * For how many minutes: 5 to 120. All functions are shifted at the same time, and a deployment takes
   * this much longer.
   * @default 10
   */
  readonly minutes?: number;
  /** Alarms of yours that also stop the shift and undo it. Up to 4. */
  readonly alarms?: readonly IAlarm[];
}

/** What a Postrider in a CDK app may be given. Everything has a default that suits production. */
export interface PostriderProps extends PostriderMembers {
  /**
   * Names the deployment in the namespace of its metrics, `Postrider/<name>`, in descriptions, and in
   * the tag `postrider:stage`. Up to 64 letters, digits and `-`. Two of an account and region that
   * share a name are counted together.
   * @default - made of the path of the construct
   */
  readonly name?: string;
  /**
   * A table that exists already: a `PostriderTable` of another stack, or one of ours by its name. It
   * is to have what `PostriderTable` has: the keys `pk` and `sk`, the indexes `due`, `failed` and, with
   * `listAll`, `bySender`, and time to live by `ttl`. CDK cannot verify this for a table that it only
   * knows by name; `postrider doctor --table` does. Grants name the table and its indexes; with a KMS
   * key of its own, import it with `encryptionKey`.
   * @default - a table is made, and kept when the stack is deleted unless `retainData` is false
   */
  readonly table?: ITable;
  /**
   * A KMS key for table, queues, master key and logs, in place of one of ours. CloudWatch Logs must be
   * allowed to use it for the log groups of this stack: the construct adds that to the policy of a key
   * of the same app. For an imported key you must.
   * @default - none, or a key that is made, as `encryption` says
   */
  readonly encryptionKey?: IKey;
  /**
   * The VPC that all functions run in, but that of `addSender`. They must reach DynamoDB, SQS, Secrets
   * Manager (a NAT gateway, or endpoints), and the worker your targets.
   * @default - no VPC: the functions reach public addresses only
   */
  readonly vpc?: IVpc;
  /** @default - the private subnets of the VPC */
  readonly vpcSubnets?: SubnetSelection;
  /** @default - one that is made, which lets everything out and nothing in */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * Ranges of addresses (CIDR) that deliveries may reach besides public ones, such as
   * `vpc.vpcCidrBlock`. Sets `POSTRIDER_ALLOW_TARGETS`.
   * @default - public addresses only
   */
  readonly allowTargets?: readonly string[];
  /**
   * Log groups of yours. Their retention is theirs.
   * @default - one that is made for each, kept for `logDays`
   */
  readonly logGroups?: Partial<Record<LogName, ILogGroup>>;
  /**
   * Where the alarms go. Its policy, and that of its KMS key, must let CloudWatch publish to it.
   * @default - a topic that is made
   */
  readonly alarmTopic?: ITopic;
  /**
   * The zone in which the name of `endpoint.domain` gets its record.
   * @default - you point the name at `domainTarget`
   */
  readonly hostedZone?: IHostedZone;
  /**
   * A boundary for every role that is made.
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
  /**
   * Tags of everything that can have some.
   * @default - none but `postrider:stage`
   */
  readonly tags?: Readonly<Record<string, string>>;
  /**
   * New versions of the functions get a part of the requests at first, by CodeDeploy. When an alarm
   * goes off meanwhile, the old ones get all of them back, and the deployment of the stack fails.
   * @default - all functions change at once
   */
  readonly canary?: Canary;
  /**
   * Has a folder for each function, as `npm run bundle` makes them.
   * @default - the code that is in the package
   */
  readonly codeFolder?: string;
}
