import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { dynamoDbClient } from "../adapters/clients.ts";
import { createTableInput, tableDescription } from "../entities/table.ts";
import { letIteratorsClose } from "./close-iterators.ts";
import { admitOnly, newAccessKeyId } from "./engine-door.ts";

/**
 * An engine with DynamoDB's protocol, which answers those that have its access key id. `stop` lets
 * requests under way be answered.
 */
export type EmbeddedTable = {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly stop: () => Promise<void>;
};

/** The name of the table. */
export const table = "postrider";

/** Those that messages enter and leave; an entry of the other one is written once, with its item. */
const sparseIndexes = ["due", "failed"] as const;

const drainMs = 1000;
/** Time to open the files, and to recover what was not written in order. */
const requestTimeoutMs = 30_000;
const statusChecksMax = 200;
const statusCheckEveryMs = 10;

/**
 * Starts the engine on a free port of the loopback interface. It keeps its tables in
 * `<dataDir>/table`, or in memory without a data directory. Rejects if another process has the
 * data directory in use, or if what is in it cannot be opened.
 *
 * After this the sparse indexes of a table that was there before are empty: see `rebuildIndexes`.
 */
export const startTable = async ({
  dataDir,
  accessKeyId = newAccessKeyId(),
}: {
  readonly dataDir?: string;
  readonly accessKeyId?: string;
}): Promise<EmbeddedTable> => {
  const path = dataDir === undefined ? undefined : join(dataDir, "table");
  if (path !== undefined) await prepareFiles(path);

  const server = dynalite({ path, createTableMs: 0 });
  // dynalite rethrows what befalls a request where nobody can catch it: without this a caller who
  // hangs up halfway ends the process.
  server.on("request", (request) => {
    request.removeAllListeners("error").on("error", () => {});
  });
  admitOnly(server, accessKeyId);
  await new Promise<void>((listening, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", listening);
  });
  const { address, port } = server.address() as AddressInfo;
  const endpoint = `http://${address}:${port}`;
  await answers(endpoint, accessKeyId);

  const stop = async (): Promise<void> => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    await new Promise<void>((closed, reject) => {
      server.close((error) => (error ? reject(error) : closed()));
    });
    clearTimeout(cut);
  };
  return { endpoint, accessKeyId, stop };
};

/**
 * dynalite listens before its files are open, and so before they are locked. When it has looked
 * something up, they are.
 */
const answers = async (endpoint: string, accessKeyId: string): Promise<void> => {
  const client = dynamoDbClient({ endpoint, accessKeyId, requestTimeoutMs });
  await statusOf(client, table);
  client.destroy();
};

type LevelDb = Parameters<typeof letIteratorsClose>[0] & {
  readonly open: () => Promise<void>;
  readonly clear: (range: { readonly gte: string; readonly lt: string }) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** dynalite's own LevelDB: another copy might hold another lock. */
const openable = (path: string): LevelDb => {
  const ours = createRequire(import.meta.url);
  const { Level } = createRequire(ours.resolve("dynalite"))("level") as {
    Level: new (path: string) => LevelDb;
  };
  return new Level(path);
};

const inUse = (dataDir: string): string =>
  `The data directory ${dataDir} is in use by another Postrider. Stop that one, or set POSTRIDER_DATA_DIR to another directory.`;

/**
 * dynalite answers no request, and then ends the process, if it cannot open its files; so they
 * are opened once before it does, and the sparse indexes are emptied. Of two processes that start
 * in the same instant both may come past here; the lock still lets only one of them open the files.
 */
const prepareFiles = async (path: string): Promise<void> => {
  const files = openable(path);
  try {
    await files.open();
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
    const dataDir = resolve(path, "..");
    throw cause?.code === "LEVEL_LOCKED"
      ? new Error(inUse(dataDir), { cause: error })
      : new Error(`The table in ${dataDir} cannot be opened: ${cause?.message}`, { cause: error });
  }
  await letIteratorsClose(files);
  await emptySparseIndexes(files);
  await files.close();
};

/**
 * The engine writes an item and its index entries one after the other: a process that is killed in
 * between leaves entries for nothing, and messages that have none and would be found by nobody.
 * The keys are dynalite's: `index-global~<table>~<index>~…`.
 */
const emptySparseIndexes = async (files: LevelDb): Promise<void> => {
  for (const index of sparseIndexes) {
    const prefix = `index-global~${table}~${index}~`;
    await files.clear({ gte: prefix, lt: `${prefix}\uffff` });
  }
};

const statusOf = async (client: DynamoDBClient, table: string): Promise<string | undefined> => {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

/** The billing mode means nothing to the engine, but a table that is updated is not CREATING. */
const anyUpdate = (table: string): UpdateTableCommandInput => {
  const ProvisionedThroughput = { ReadCapacityUnits: 1, WriteCapacityUnits: 1 };
  return {
    TableName: table,
    BillingMode: "PROVISIONED",
    ProvisionedThroughput,
    GlobalSecondaryIndexUpdates: Object.keys(tableDescription.indexes).map((IndexName) => ({
      Update: { IndexName, ProvisionedThroughput },
    })),
  };
};

/** Creates the table unless it is there. When this resolves, the table takes reads and writes. */
export const ensureTable = async (client: DynamoDBClient, table: string): Promise<void> => {
  const found = await statusOf(client, table);
  if (found === undefined) await client.send(new CreateTableCommand(createTableInput(table)));
  // Nobody else creates tables, so one that is found half created was left by a start that was
  // killed, and the engine would refuse it for ever.
  if (found === "CREATING") await client.send(new UpdateTableCommand(anyUpdate(table)));

  for (let check = 0; check < statusChecksMax; check += 1) {
    if ((await statusOf(client, table)) !== "CREATING") return;
    await sleep(statusCheckEveryMs);
  }
  throw new Error(`The table ${table} is still being created`);
};
