import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { systemClock } from "../../adapters/clock.ts";
import type { Exchange } from "../../domain/outcome.ts";
import { tookOf } from "../../domain/took.ts";
import { keyOf, requestedOf } from "./item.ts";

/** Who holds attempts, and for how long. */
export type Holder = {
  readonly dynamo: DynamoDBClient;
  readonly table: string;
  readonly leaseMs: number;
  readonly clockMarginMs: number;
};

/** What a record names. */
export type Pointer = {
  readonly senderId: string;
  readonly messageId: string;
  readonly attempt: number;
};

const numbers = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { N: String(value) }]));

const isRefused = (error: unknown): boolean =>
  (error as Error).name === "ConditionalCheckFailedException";

/** Takes the lease of an attempt. Returns nothing if it is not to be had. */
export const claim = async (deps: Holder, pointer: Pointer, owner: string) => {
  const now = systemClock();
  const leaseUntil = now + deps.leaseMs;
  try {
    const { Attributes } = await deps.dynamo.send(
      new UpdateItemCommand({
        TableName: deps.table,
        Key: keyOf(pointer),
        UpdateExpression:
          "SET #status = :processing, processingAt = :now, updatedAt = :now, #owner = :owner, leaseUntil = :lease ADD attempts :one REMOVE quarantinedAt",
        ConditionExpression:
          "#status IN (:pending, :queued) AND attempts = :seen AND notBefore <= :startable AND dueAt <= :look",
        ExpressionAttributeNames: { "#status": "status", "#owner": "owner" },
        ExpressionAttributeValues: {
          ...{ ":processing": { S: "PROCESSING" }, ":pending": { S: "PENDING" } },
          ...{ ":queued": { S: "QUEUED" }, ":owner": { S: owner } },
          ...numbers({
            ":now": now,
            ":lease": leaseUntil,
            ":one": 1,
            ":seen": pointer.attempt - 1,
          }),
          ...numbers({ ":startable": now + deps.clockMarginMs }),
          ...numbers({ ":look": leaseUntil + deps.clockMarginMs + 1 }),
        },
        ReturnValues: "ALL_NEW",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return Attributes && { message: requestedOf(Attributes), leaseUntil };
  } catch (error) {
    if (!isRefused(error)) throw error;
    // A first try of the SDK may have succeeded.
    const { Item } = error as { readonly Item?: Parameters<typeof requestedOf>[0] };
    const isMine = Item?.["owner"]?.S === owner && Item["status"]?.S === "PROCESSING";
    return isMine ? { message: requestedOf(Item), leaseUntil } : undefined;
  }
};

/** Ends the attempt; returns `false` if somebody else has it by now. */
export const complete = async (
  deps: Holder,
  pointer: Pointer,
  { status, ...times }: Extract<Exchange, { readonly kind: "answered" }>,
  owner: string,
) => {
  const now = systemClock();
  try {
    await deps.dynamo.send(
      new UpdateItemCommand({
        TableName: deps.table,
        Key: keyOf(pointer),
        UpdateExpression:
          "SET #status = :completed, completedAt = :now, updatedAt = :now, lastOutcome = :outcome REMOVE notBefore, dueAt, dueShard, leaseUntil, quarantinedAt",
        ConditionExpression: "#status = :processing AND attempts = :seen",
        ExpressionAttributeNames: { "#status": "status" },
        ExpressionAttributeValues: {
          ...{ ":completed": { S: "COMPLETED" }, ":processing": { S: "PROCESSING" } },
          ...numbers({ ":now": now, ":seen": pointer.attempt }),
          ":outcome": {
            M: {
              class: { S: "accepted" },
              ...numbers({ attempt: pointer.attempt, status, at: now }),
              took: { L: tookOf(times).map((ms) => ({ N: String(ms) })) },
            },
          },
        },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    );
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    const { Item } = error as { readonly Item?: Parameters<typeof requestedOf>[0] };
    return Item?.["owner"]?.S === owner && Item["status"]?.S === "COMPLETED";
  }
};
