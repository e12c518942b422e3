import { type AttributeValue, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Storage } from "../entities/storage.ts";
import { tableDescription } from "../entities/table.ts";

type Key = Record<string, AttributeValue>;

const { key, indexes } = tableDescription;

/** How many items are touched at a time. */
const pageSize = 500;

/** Writes an item as it is, upon which the engine writes its index entries again. */
const touch = async ({ client, table }: Storage, item: Key): Promise<void> => {
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { [key.pk]: item[key.pk] as AttributeValue, [key.sk]: item[key.sk] as AttributeValue },
      UpdateExpression: "SET updatedAt = updatedAt",
    }),
  );
};

/**
 * Fills the sparse indexes from the items, which are the truth: earlier versions did not write the two
 * together, and what they were killed in the middle of would be stranded. Runs before anybody else
 * has the table. Resolves to how many messages it found.
 */
export const rebuildIndexes = async (storage: Storage, from?: Key): Promise<number> => {
  const { Items: found = [], LastEvaluatedKey: next } = await storage.client.send(
    new ScanCommand({
      TableName: storage.table,
      Limit: pageSize,
      ExclusiveStartKey: from,
      ProjectionExpression: `${key.pk}, ${key.sk}`,
      FilterExpression: `attribute_exists(${indexes.due.sk}) OR attribute_exists(${indexes.failed.sk})`,
    }),
  );
  await Promise.all(found.map((item) => touch(storage, item)));
  return found.length + (next ? await rebuildIndexes(storage, next) : 0);
};
