import type { Stack } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { type KeyUse, useOfKey } from "./encryption.ts";
import type { Queues } from "./queues.ts";

/** What the functions share. */
export type Resources = Queues & {
  readonly table: TableV2;
  readonly masterKey: Secret;
  readonly key: Key | undefined;
};

const allow = (sid: string, actions: readonly string[], ...resources: string[]) =>
  new PolicyStatement({ sid, actions: [...actions], resources });

/** Lambda needs these three to poll on the function's behalf. */
const receive = (queue: IQueue): PolicyStatement =>
  allow(
    "Receive",
    ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
    queue.queueArn,
  );

// Also of a batch.
const send = (queue: IQueue): PolicyStatement => allow("Send", ["sqs:SendMessage"], queue.queueArn);

const readMasterKey = ({ masterKey }: Resources): PolicyStatement =>
  allow("MasterKey", ["secretsmanager:GetSecretValue"], masterKey.secretArn);

/**
 * A group's streams are named by Lambda, one an instance: the ARN of a group ends in `:*`, which
 * means them, and nothing narrower can be said.
 */
export const writeLogs = (logs: ILogGroup): PolicyStatement =>
  allow("Logs", ["logs:CreateLogStream", "logs:PutLogEvents"], logs.logGroupArn);

type Statements = readonly PolicyStatement[];

const keyFor = (stack: Stack, { key }: Resources, ...uses: readonly KeyUse[]): Statements =>
  key ? uses.map((use) => useOfKey(stack, key, use)) : [];

/** What each function may do, to the action and the resource: what its code does, and no more. */
export const grantsOf = (stack: Stack, resources: Resources) => {
  const { table, queue, deadLetters } = resources;
  const { tableArn } = table;
  return {
    api: [
      allow(
        "Table",
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
        tableArn,
      ),
      send(queue),
      readMasterKey(resources),
      ...keyFor(stack, resources, "table", "send", "masterKey"),
    ],
    worker: [
      allow("Table", ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], tableArn),
      send(queue),
      receive(queue),
      readMasterKey(resources),
      ...keyFor(stack, resources, "table", "send", "masterKey"),
    ],
    dispatcher: [
      allow(
        "Table",
        ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem"],
        tableArn,
      ),
      allow("DueIndex", ["dynamodb:Query"], `${tableArn}/index/due`),
      send(queue),
      ...keyFor(stack, resources, "table", "send"),
    ],
    deadLetter: [receive(deadLetters), ...keyFor(stack, resources, "receive")],
  } satisfies Record<string, Statements>;
};
