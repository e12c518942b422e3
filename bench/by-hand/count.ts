import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { systemChance } from "../../adapters/chance.ts";
import { systemClock } from "../../adapters/clock.ts";
import { bucketOf } from "../../domain/outcome-buckets.ts";
import { boundsMs } from "../../domain/outcome-counts.ts";

/** A message that was delivered, and how long that took. */
export type Delivered = {
  readonly senderId: string;
  readonly deliveryMs: number;
  readonly exchangeMs: number;
};

const classOf = (ms: number): string => {
  const place = boundsMs.findIndex((bound) => ms <= bound);
  return place === -1 ? "rest" : String(place);
};

/** Counts a batch of deliveries: one write for each sender. */
export const countByHand = async (
  deps: { readonly dynamo: DynamoDBClient; readonly table: string; readonly shards: number },
  delivered: readonly Delivered[],
): Promise<void> => {
  const from = bucketOf(systemClock());
  const ttl = Math.floor(from / 1000) + 90 * 86_400;
  const shard = Math.floor(systemChance.random() * deps.shards);
  for (const [senderId, of] of Map.groupBy(delivered, (each) => each.senderId)) {
    const counts: Record<string, number> = { completed: of.length };
    for (const { deliveryMs, exchangeMs } of of)
      for (const name of [`d${classOf(deliveryMs)}`, `x${classOf(exchangeMs)}`])
        counts[name] = (counts[name] ?? 0) + 1;
    const names = Object.keys(counts);
    await deps.dynamo.send(
      new UpdateItemCommand({
        TableName: deps.table,
        Key: { pk: { S: `outcomes#${senderId}#${shard}` }, sk: { S: String(from) } },
        UpdateExpression: `SET #ttl = :ttl ADD ${names.map((name) => `${name} :${name}`).join(", ")}`,
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: {
          ":ttl": { N: String(ttl) },
          ...Object.fromEntries(names.map((name) => [`:${name}`, { N: String(counts[name]) }])),
        },
      }),
    );
  }
};
