/**
 * A submit written out by hand, to compare the handlers with: a function for an HTTP API that checks
 * the key, reads the message, stores it once, sends its record and marks it. The same calls and the
 * same promises, by commands of the SDK and plain code: no framework, no schemas, no entities. The
 * rules of `domain/` are used as they are: they are what is promised.
 */

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { systemChance } from "../../adapters/chance.ts";
import { systemClock } from "../../adapters/clock.ts";
import { hashApiKey, isApiKey, keyIdOf } from "../../domain/api-key.ts";
import { comparedBody, fingerprintOf } from "../../domain/fingerprint.ts";
import { idInPath } from "../../domain/ids.ts";
import { delaySeconds } from "../../domain/schedule.ts";
import { newMessage, type Policy, type Submission } from "../../domain/submission.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";
import { itemOf, keyOf } from "./item.ts";
import { writeLine, writeMetrics } from "./lines.ts";
import { readSubmission } from "./read-submission.ts";

export type ByHandDeps = {
  readonly dynamo: DynamoDBClient;
  readonly sqs: SQSClient;
  readonly table: string;
  readonly queueUrl: string;
  readonly target: TargetPolicy;
  readonly policy: Policy;
  readonly graceMs: number;
  readonly shards: number;
  /** The senders by the hashes of their keys, as they are remembered between requests. */
  readonly senderOf: ReadonlyMap<string, string>;
};
type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const answer = (statusCode: number, body: object, headers: object = {}): Answer => ({
  statusCode,
  headers: {
    ...{ "content-type": "application/json", "cache-control": "no-store" },
    ...{ "x-content-type-options": "nosniff", ...headers },
  },
  body: JSON.stringify(body),
});
const refused = (status: number, code: string, issues: readonly object[] = []): Answer =>
  answer(status, { status, code, issues });

const noMac = (): string => {
  throw new Error("Secret headers are not submitted in the comparison");
};

/** The three writes of a submit: put, send, mark. Returns whether it is marked. */
const store = async (
  { dynamo, sqs, table, queueUrl, ...layout }: ByHandDeps,
  asked: Submission,
): Promise<ReturnType<typeof newMessage> | undefined> => {
  const now = systemClock();
  const fingerprint = fingerprintOf(asked, noMac, comparedBody(asked));
  const facts = { now, ...layout, fingerprint, submitId: systemChance.token() };
  const message = newMessage(asked, layout.policy, facts);
  try {
    await dynamo.send(
      new PutItemCommand({
        TableName: table,
        Item: itemOf(message),
        ConditionExpression: "attribute_not_exists(#ttl) OR #ttl <= :now",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: { ":now": { N: String(Math.floor(now / 1000)) } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
  } catch (error) {
    const { name, Item } = error as { name: string; Item?: Record<string, { S?: string }> };
    if (name !== "ConditionalCheckFailedException") throw error;
    if (Item?.["submitId"]?.S !== message.submitId) return undefined;
  }
  const { senderId, messageId, notBefore = now } = message;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ v: 1, senderId, messageId, attempt: 1 }),
      DelaySeconds: delaySeconds(notBefore, now),
      MessageGroupId: senderId,
    }),
  );
  try {
    await dynamo.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(message),
        UpdateExpression: "SET #status = :queued, queuedAt = :now, updatedAt = :now",
        ConditionExpression: "#status = :pending AND attempts = :zero AND notBefore = :notBefore",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ...{ ":queued": { S: "QUEUED" }, ":pending": { S: "PENDING" }, ":zero": { N: "0" } },
          ...{ ":now": { N: String(systemClock()) }, ":notBefore": { N: String(notBefore) } },
        },
      }),
    );
  } catch (error) {
    // A worker was faster.
    if ((error as Error).name !== "ConditionalCheckFailedException") throw error;
  }
  return { ...message, status: "QUEUED" };
};

/** Creates the function. */
export const submitByHand =
  (deps: ByHandDeps) =>
  async (event: APIGatewayProxyEventV2): Promise<Answer> => {
    const startedAt = systemClock();
    const key = /^Bearer +(\S+) *$/i.exec(event.headers["authorization"] ?? "")?.[1] ?? "";
    const hash = isApiKey(key) ? hashApiKey(key) : "";
    const senderId = deps.senderOf.get(hash);
    if (senderId === undefined) return refused(401, "UNAUTHENTICATED");
    if (!/^application\/json\b/i.test(event.headers["content-type"] ?? ""))
      return refused(415, "UNSUPPORTED_MEDIA_TYPE");

    const read = readSubmission(event.body ?? "", senderId, deps.target);
    if ("issues" in read) return refused(400, "VALIDATION_ERROR", read.issues);
    const { submission } = read;
    const message = await store(deps, submission);
    if (!message) return refused(409, "MESSAGE_CONFLICT");

    const { messageId, status, attempts, timestamp, targetUrl, createdAt, ttl } = message;
    const durationMs = systemClock() - startedAt;
    writeMetrics("byhand-api", { MessagesAccepted: 1, SubmitDuration: durationMs });
    writeLine("byhand-api", "submit", {
      ...{ senderId, keyId: keyIdOf(hash), messageId, targetHost: new URL(targetUrl).host },
      ...{ bodyBytes: submission.body?.byteLength ?? 0, status, duplicate: false, durationMs },
      transitions: ["submit>PENDING", "enqueue:PENDING>QUEUED"],
    });
    const times = { createdAt: new Date(createdAt).toISOString() };
    const expiresAt = new Date(ttl * 1000).toISOString();
    return answer(
      202,
      {
        ...{ messageId, senderId, status, attempts, timestamp, targetUrl },
        ...{ ...times, expiresAt, duplicate: false },
      },
      { location: `/v1/messages/${idInPath(messageId)}` },
    );
  };
