import { DescribeTableCommand, DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import type { Storage } from "./storage.ts";

/** The state of a table, in the words of DynamoDB: `ACTIVE`, `CREATING`, `ENABLED` and so on. */
export type TableState = {
  readonly status: string;
  readonly indexes: Readonly<Record<string, string>>;
  /** Whether expired items are removed; absent if that could not be read. */
  readonly timeToLive?: string;
};

/** Returns the state of a table and of its indexes. Rejects if there is none, or AWS refuses. */
export const tableState = async ({ client, table }: Storage): Promise<TableState> => {
  const { Table = {} } = await client.send(new DescribeTableCommand({ TableName: table }));
  const indexes = (Table.GlobalSecondaryIndexes ?? []).map(
    ({ IndexName = "", IndexStatus = "" }) => [IndexName, IndexStatus],
  );
  // Credentials that may see a table may still lack this permission.
  const timeToLive = await client
    .send(new DescribeTimeToLiveCommand({ TableName: table }))
    .then(({ TimeToLiveDescription }) => TimeToLiveDescription?.TimeToLiveStatus)
    .catch(() => undefined);
  return {
    status: Table.TableStatus ?? "",
    indexes: Object.fromEntries(indexes),
    ...(timeToLive !== undefined && { timeToLive }),
  };
};
