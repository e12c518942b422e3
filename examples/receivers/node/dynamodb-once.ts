/**
 * A store for `once` of `postrider/client`, over a table of Amazon DynamoDB with the partition key
 * `id` (a string) and TTL on `ttl`.
 */
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { OnceStore } from "postrider/client";

/** For so long repeats can come: as long as Postrider keeps a message, by default. */
const keptSeconds = 31 * 86_400;

export const dynamoDbOnce = (
  client: DynamoDBClient,
  tableName: string,
  now: () => number = Date.now,
): OnceStore => {
  const ttl = () => ({ N: String(Math.floor(now() / 1000) + keptSeconds) });

  return {
    putIfAbsent: async (id, leaseMs) => {
      try {
        await client.send(
          new PutItemCommand({
            TableName: tableName,
            Item: { id: { S: id }, leaseUntil: { N: String(now() + leaseMs) }, ttl: ttl() },
            // A lease that is over is that of a process which has died. What is done has none.
            ConditionExpression: "attribute_not_exists(id) OR leaseUntil < :now",
            ExpressionAttributeValues: { ":now": { N: String(now()) } },
          }),
        );
        return "put";
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const found = await client.send(
          new GetItemCommand({
            TableName: tableName,
            Key: { id: { S: id } },
            ConsistentRead: true,
          }),
        );
        // One that is gone by now failed: it comes again, as after `busy`.
        return found.Item && !found.Item["leaseUntil"] ? "done" : "busy";
      }
    },
    done: async (id) => {
      await client.send(
        new PutItemCommand({ TableName: tableName, Item: { id: { S: id }, ttl: ttl() } }),
      );
    },
    remove: async (id) => {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: id } } }));
    },
  };
};
