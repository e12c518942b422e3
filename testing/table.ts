import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { needingEngine } from "./engine.ts";
import { type IndexName, itemsOf, type TestItem } from "./items.ts";

/** A table of Postrider in the memory of this process. It is a `Storage` of `postrider/entities`. */
export type TestTable = {
  /** Calls the engine without a socket. Other tables can be made by it, too. */
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Reads every item of the table, or of one of its indexes. */
  readonly items: (index?: IndexName) => Promise<readonly TestItem[]>;
  /** Frees it. Calls made later fail. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a DynamoDB of its own with an empty table. It opens no socket and no file. Rejects with
 * what to install if there is no engine.
 */
export const startTestTable = async ({
  table = "postrider",
}: {
  readonly table?: string | undefined;
} = {}): Promise<TestTable> => {
  const { embedTable } = await needingEngine(() => import("./embedded.ts"));
  const { storage, stop } = await embedTable(table);
  return { ...storage, items: (index) => itemsOf(storage, index), stop };
};
