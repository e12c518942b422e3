import { type AttributeValue, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Storage } from "../entities/storage.ts";
import type { tableDescription } from "../entities/table.ts";

/** An item as the table has it, keys and all, with plain values in place of typed ones. */
export type TestItem = Readonly<Record<string, unknown>>;

export type IndexName = keyof typeof tableDescription.indexes;

const plainValueOf = ({ S, N, B, BOOL, L, M }: AttributeValue): unknown => {
  if (N !== undefined) return Number(N);
  if (L !== undefined) return L.map(plainValueOf);
  if (M !== undefined) return plainItemOf(M);
  return S ?? B ?? BOOL ?? null;
};

/** Returns an item with plain values. */
export const plainItemOf = (item: Readonly<Record<string, AttributeValue>>): TestItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainValueOf(value)]));

/** Reads every item of a table, or of one of its indexes, page by page. */
export const itemsOf = async (
  { client, table }: Storage,
  index?: IndexName,
  from?: Record<string, AttributeValue>,
): Promise<readonly TestItem[]> => {
  const { Items = [], LastEvaluatedKey: next } = await client.send(
    new ScanCommand({
      TableName: table,
      IndexName: index,
      ExclusiveStartKey: from,
      ConsistentRead: index === undefined,
    }),
  );
  const page = Items.map(plainItemOf);
  return next ? [...page, ...(await itemsOf({ client, table }, index, next))] : page;
};
