import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import type { Clock } from "../adapters/clock.ts";
import { type Storage, secondsOf } from "../entities/storage.ts";
import { tableDescription } from "../entities/table.ts";
import { startTicker, type Ticker } from "./ticker.ts";

type Key = Record<string, AttributeValue>;
type Sweep = Storage & { readonly pageSize: number };

const { key, ttl } = tableDescription;

const hasExpired = (now: number) => ({
  ExpressionAttributeNames: { "#ttl": ttl },
  ExpressionAttributeValues: { ":now": { N: String(secondsOf(now)) } },
});

/** Removes an item. Returns false if it is gone, or if its `ttl` has been moved on meanwhile. */
const remove = async ({ client, table }: Storage, item: Key, now: number): Promise<boolean> => {
  try {
    await client.send(
      new DeleteItemCommand({
        TableName: table,
        Key: item,
        // A replay, or a submit of the same id, may have come after the page was read.
        ConditionExpression: "#ttl <= :now",
        ...hasExpired(now),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * Looks at up to `pageSize` items. `next` is where the following page begins, unless it was the
 * last.
 */
const sweepPage = async (
  { client, table, pageSize }: Sweep,
  now: number,
  from: Key | undefined,
): Promise<{ readonly removed: number; readonly next: Key | undefined }> => {
  const { Items: expired = [], LastEvaluatedKey: next } = await client.send(
    new ScanCommand({
      TableName: table,
      Limit: pageSize,
      ExclusiveStartKey: from,
      ProjectionExpression: `${key.pk}, ${key.sk}`,
      FilterExpression: "#ttl <= :now",
      ...hasExpired(now),
    }),
  );
  let removed = 0;
  // One after another: there is no hurry, and the engine has one thread for all callers.
  for (const item of expired) removed += (await remove({ client, table }, item, now)) ? 1 : 0;
  return { removed, next };
};

/**
 * Removes every item whose `ttl` has passed, as DynamoDB does by itself and the embedded engine
 * does not. Goes over the whole table by pages. Resolves to how many items it removed.
 */
export const sweepExpired = async ({
  now,
  ...sweep
}: Sweep & { readonly now: number }): Promise<number> => {
  let total = 0;
  let from: Key | undefined;
  do {
    const { removed, next } = await sweepPage(sweep, now, from);
    total += removed;
    from = next;
  } while (from);
  return total;
};

/** The same, for ever: a page a tick, from where the tick before stopped. */
export const startSweep = ({
  clock,
  everyMs,
  onError,
  ...sweep
}: Sweep & {
  readonly clock: Clock;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}): Ticker => {
  let from: Key | undefined;
  const run = async (): Promise<void> => {
    const { next } = await sweepPage(sweep, clock(), from);
    from = next;
  };
  return startTicker({ everyMs, run, onError });
};
