import { ArnFormat, RemovalPolicy, type Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import type { Stage } from "./config.ts";

/** A KMS key of the account, renewed every year; old texts stay readable. */
const newKey = (stack: Stack, id: string, description: string, removalPolicy: RemovalPolicy): Key =>
  new Key(stack, id, { description, enableKeyRotation: true, removalPolicy });

/**
 * CloudWatch Logs uses a key in its own name, for the log groups that the key's policy names
 * (CloudWatch Logs User Guide, "Encrypt log data"). Their names begin with the stack's: they
 * themselves cannot be named here, for they ask for the key when they are made.
 */
const useByLogs = (stack: Stack): PolicyStatement =>
  new PolicyStatement({
    sid: "LogsOfThisStack",
    principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
    actions: [
      "kms:Decrypt",
      "kms:Describe*",
      "kms:Encrypt",
      "kms:GenerateDataKey*",
      "kms:ReEncrypt*",
    ],
    resources: ["*"],
    conditions: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": stack.formatArn({
          service: "logs",
          resource: "log-group",
          resourceName: `${stack.stackName}-*`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      },
    },
  });

/** The key of table, queues, master key and logs, where the stage has one of its own. */
export const customerKey = (
  stack: Stack,
  { encryption, keepsData, name }: Stage,
): Key | undefined => {
  if (encryption !== "customer-key") return undefined;
  const about = `Postrider ${name}: messages, queues, the master key and logs`;
  const removal = keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
  const key = newKey(stack, "Key", about, removal);
  key.addToResourcePolicy(useByLogs(stack));
  return key;
};

/**
 * The key of the alarms' topic. CloudWatch cannot publish to a topic under the key that AWS manages
 * for SNS, whose policy does not know it: the alarm would fire and nobody would hear of it.
 */
export const alarmKey = (stack: Stack, { name }: Stage): Key => {
  const key = newKey(stack, "AlarmKey", `Postrider ${name}: alarms`, RemovalPolicy.DESTROY);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  return key;
};

/** What a role does with things that are encrypted, by way of which service, and what that takes. */
const uses = {
  // As the DynamoDB Developer Guide lists them: it asks for the key in the name of the caller.
  table: {
    service: "dynamodb",
    actions: [
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
  },
  // Sending looks into the data key too, so it takes what receiving takes.
  send: { service: "sqs", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
  receive: { service: "sqs", actions: ["kms:Decrypt"] },
  masterKey: { service: "secretsmanager", actions: ["kms:Decrypt"] },
} as const;

export type KeyUse = keyof typeof uses;

/** What a role may do with the key: what one use of it takes, and only by way of that service. */
export const useOfKey = (stack: Stack, key: Key, use: KeyUse): PolicyStatement =>
  new PolicyStatement({
    sid: `Key${use[0]?.toUpperCase()}${use.slice(1)}`,
    actions: [...uses[use].actions],
    resources: [key.keyArn],
    conditions: {
      StringEquals: { "kms:ViaService": `${uses[use].service}.${stack.region}.amazonaws.com` },
    },
  });
