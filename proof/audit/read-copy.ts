import { cp } from "node:fs/promises";
import { join } from "node:path";
import { dynamoDbClient } from "../../adapters/clients.ts";
import type { Clock } from "../../adapters/clock.ts";
import { startTable, table } from "../../local/embedded-table.ts";
import { readTable, type Stored } from "./stored.ts";

/**
 * Reads every message in the data directory of an edition that has stopped: from a copy of its
 * table, so that looking changes nothing.
 */
export const readCopy = async (
  dataDir: string,
  copy: string,
  clock: Clock,
): Promise<readonly Stored[]> => {
  await cp(join(dataDir, "table"), join(copy, "table"), { recursive: true });
  const { stop, ...engine } = await startTable({ dataDir: copy });
  const client = dynamoDbClient({ ...engine, requestTimeoutMs: 30_000 });
  const stored: Stored[] = [];
  for await (const page of readTable({ client, table }, clock)) stored.push(...page.messages);
  client.destroy();
  await stop();
  return stored;
};
