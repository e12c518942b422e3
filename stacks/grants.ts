/**
 * The statements that roles are made of: one action list, the resources by name, no wildcard. Not the `grant…`
 * methods of CDK, which allow more than the functions do.
 */
import { Stack } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { indexesOf } from "../entities/table.ts";

const allow = (sid: string, actions: readonly string[], resource: string): PolicyStatement =>
  new PolicyStatement({ sid, actions: [...actions], resources: [resource] });

/**
 * The items of senders and their keys, and no message, attempt, payload or job: their keys go on behind
 * the id of the sender. Not those of one sender: a sender that leaves its stack, or gets another id, is
 * retired after the role has changed.
 */
export const useSenders = (table: ITable): PolicyStatement => {
  const statement = allow(
    "Senders",
    ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    table.tableArn,
  );
  statement.addConditions({
    "ForAllValues:StringLike": {
      "dynamodb:LeadingKeys": [
        ...["$postrider#senderId_*", "$postrider#list_senders", "$postrider#hash_*"],
      ],
    },
    "ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": ["$postrider#senderId_*#*"] },
  });
  return statement;
};

export const useTable = ({ tableArn }: ITable, ...operations: string[]): PolicyStatement =>
  allow(
    "Table",
    operations.map((operation) => `dynamodb:${operation}`),
    tableArn,
  );

/** The indexes that lists are read from. */
export const queryIndexes = ({ tableArn }: ITable, listAll: boolean): PolicyStatement =>
  new PolicyStatement({
    sid: "Indexes",
    actions: ["dynamodb:Query"],
    resources: indexesOf(listAll).map(([name]) => `${tableArn}/index/${name}`),
  });

/** Lambda needs these three to poll on the function's behalf. */
export const receive = ({ queueArn }: IQueue): PolicyStatement =>
  allow("Receive", ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], queueArn);

/** Covers SendMessageBatch too. */
export const send = ({ queueArn }: IQueue): PolicyStatement =>
  allow("Send", ["sqs:SendMessage"], queueArn);

export const readSecret = ({ secretArn }: ISecret): PolicyStatement =>
  allow("MasterKey", ["secretsmanager:GetSecretValue"], secretArn);

/** Nothing without such a secret. */
export const readTracingHeaders = (secretArn: string | undefined): readonly PolicyStatement[] =>
  secretArn === undefined
    ? []
    : [allow("TracingHeaders", ["secretsmanager:GetSecretValue"], secretArn)];

/** The ARN of a log group ends in `:*`: its streams, which Lambda names, one per instance. */
export const writeLogs = ({ logGroupArn }: ILogGroup): PolicyStatement =>
  allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], logGroupArn);

/**
 * What Lambda needs to put a function into a VPC. AWS cannot restrict the listing of interfaces to some
 * of them, and their names are not known before they are made.
 */
export const joinNetwork = (): PolicyStatement =>
  allow(
    "Network",
    [
      ...["ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface"],
      ...["ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
      "ec2:UnassignPrivateIpAddresses",
    ],
    "*",
  );

/** What a role does with encrypted data, through which service, and which actions that takes. */
const keyUses = {
  // As the DynamoDB Developer Guide lists them: it calls KMS in the name of the caller.
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
  // SQS verifies a new data key by decrypting it.
  send: { service: "sqs", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
  receive: { service: "sqs", actions: ["kms:Decrypt"] },
  masterKey: { service: "secretsmanager", actions: ["kms:Decrypt"] },
  rotate: { service: "secretsmanager", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
} as const;

type KeyUse = keyof typeof keyUses;

const useKeyAs = (key: IKey, use: KeyUse, sid?: string): PolicyStatement =>
  new PolicyStatement({
    sid,
    actions: [...keyUses[use].actions],
    resources: [key.keyArn],
    conditions: {
      StringEquals: {
        "kms:ViaService": `${keyUses[use].service}.${Stack.of(key).region}.amazonaws.com`,
      },
    },
  });

/** Allows each use of the stage's own key, through that service only. Nothing without such a key. */
export const useKey = (
  key: IKey | undefined,
  ...uses: readonly KeyUse[]
): readonly PolicyStatement[] =>
  key === undefined
    ? []
    : uses.map((use) => useKeyAs(key, use, `Key${use[0]?.toUpperCase()}${use.slice(1)}`));

/** What it takes to put another text into a secret. A role may have it for any number of them. */
export const rotateSecret = (
  { secretArn }: ISecret,
  encryptionKey: IKey | undefined,
): readonly PolicyStatement[] => [
  new PolicyStatement({
    actions: [
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    resources: [secretArn],
  }),
  ...(encryptionKey ? [useKeyAs(encryptionKey, "rotate")] : []),
];
