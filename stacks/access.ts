/** What others than Postrider's own functions may be allowed. */

import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable, type PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { isSenderId } from "../domain/ids.ts";
import { readSecret, receive, send, useKey, useTable } from "./grants.ts";

/** What is granted access to. */
export interface Shared {
  readonly table: ITable;
  readonly queue: IQueue;
  readonly masterKey: ISecret;
  readonly encryptionKey: IKey | undefined;
}

const grant = (grantee: IGrantable, statements: readonly PolicyStatement[]): Grant =>
  statements
    .map(({ actions, resources, conditions }) =>
      Grant.addToPrincipal({ grantee, actions, resourceArns: resources, conditions }),
    )
    .reduce((all, each) => all.combine(each));

/** The keys of the items of these senders, which begin with the sender's id. */
const onlyItemsOf = (senderIds: readonly string[]) => ({
  "ForAllValues:StringLike": {
    "dynamodb:LeadingKeys": senderIds.flatMap((senderId) => [
      `$postrider#senderId_${senderId}`,
      `$postrider#senderId_${senderId}#*`,
    ]),
  },
});

/** Grants what `postrider/outbox` needs: for these senders, or for all of them if none is named. */
export const grantOutbox = (
  { table, queue, encryptionKey }: Shared,
  grantee: IGrantable,
  senderIds: readonly string[],
): Grant => {
  const wrong = senderIds.filter((senderId) => !isSenderId(senderId));
  // A * would be a pattern of IAM's, and let the grantee send for others.
  if (wrong.length > 0)
    throw new Error(`Not the id of a sender: ${wrong.map((id) => JSON.stringify(id)).join(", ")}`);
  const ofTable = useTable(table, "GetItem", "PutItem", "UpdateItem");
  if (senderIds.length > 0) ofTable.addConditions(onlyItemsOf(senderIds));
  return grant(grantee, [
    ofTable,
    send(queue),
    ...useKey(table.encryptionKey, "table"),
    ...useKey(encryptionKey, "send"),
  ]);
};

/** Grants what `postrider/worker` needs, and the master keys where it reads secret headers. */
export const grantAttempts = (
  { table, queue, masterKey, encryptionKey }: Shared,
  grantee: IGrantable,
  secretHeaders: boolean,
): Grant =>
  grant(grantee, [
    useTable(table, "GetItem", "PutItem", "UpdateItem"),
    send(queue),
    receive(queue),
    ...(secretHeaders ? [readSecret(masterKey)] : []),
    ...useKey(table.encryptionKey, "table"),
    ...useKey(encryptionKey, "send", ...(secretHeaders ? (["masterKey"] as const) : [])),
  ]);

/** Grants what the commands of an operator need: senders, keys, secrets, the audit, the doctor. */
export const grantCommands = (
  { table, masterKey, encryptionKey }: Shared,
  grantee: IGrantable,
): Grant =>
  grant(grantee, [
    useTable(
      table,
      ...["DescribeTable", "DescribeTimeToLive", "GetItem", "PutItem", "Query", "Scan"],
      "UpdateItem",
    ),
    readSecret(masterKey),
    ...useKey(table.encryptionKey, "table"),
    ...useKey(encryptionKey, "masterKey"),
  ]);
