import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
  type UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import { inProcessClient } from "../adapters/clients.ts";
import type { EngineCall } from "../adapters/engine-call.ts";
import { createTableInput, tableDescription } from "../entities/table.ts";
import { openEngine } from "./engine.ts";
import { admitOnly, newAccessKeyId } from "./engine-door.ts";
import { gateOf } from "./engine-gate.ts";
import { engineServer } from "./engine-server.ts";
import { withGuardedFiles } from "./guarded-files.ts";
import { markIndexes } from "./index-mark.ts";
import { prepareFiles, table } from "./table-files.ts";
import { type Outage, repairing } from "./table-repair.ts";

export { table };

/**
 * An engine with DynamoDB's protocol: `call` is for this process, the endpoint for those that have
 * the access key id. `stop` lets requests under way be answered.
 */
export type EmbeddedTable = {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly call: EngineCall;
  readonly stop: () => Promise<void>;
};

const drainMs = 1000;
const statusChecksMax = 200;
const statusCheckEveryMs = 10;

/**
 * Starts the engine on a free port of the loopback interface. It keeps its tables in
 * `<dataDir>/table`, or in memory without a data directory. Rejects if another process has the
 * data directory in use, or if what is in it cannot be opened.
 *
 * A write that fails, as on a full disk, is answered with an error, and so is every later one until
 * the files have been opened again: that is tried for as long as it takes.
 */
export const startTable = async ({
  dataDir,
  accessKeyId = newAccessKeyId(),
  onOutage = () => {},
  retryMs = 1000,
}: {
  readonly dataDir?: string;
  readonly accessKeyId?: string;
  /** Hears when the files cannot be written any more, and when they can again. */
  readonly onOutage?: (outage: Outage) => void;
  /** How often it is tried whether they can. */
  readonly retryMs?: number;
}): Promise<EmbeddedTable> => {
  const path = dataDir === undefined ? undefined : join(dataDir, "table");
  if (path !== undefined) await prepareFiles(path);

  let began = (_error: unknown): void => {};
  const make = () => openEngine({ path });
  const guarded =
    path === undefined ? { engine: make() } : withGuardedFiles(make, (error) => began(error));
  const { call: pastGate, close } = guarded.engine;
  const gate = gateOf(pastGate);
  const server = engineServer(gate.call);
  admitOnly(server, accessKeyId);
  await opened(gate.call);
  // Nothing has been written since the files were found, or made, to be sound.
  if (path !== undefined) await markIndexes(path);
  await new Promise<void>((listening, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", listening);
  });
  const { address, port } = server.address() as AddressInfo;
  const repairs =
    path !== undefined && "files" in guarded
      ? repairing({ path, gate, files: guarded.files, retryMs, onOutage })
      : undefined;
  if (repairs) began = repairs.began;

  const stop = async (): Promise<void> => {
    await repairs?.stop();
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    await new Promise<void>((closed, reject) => {
      server.close((error) => (error ? reject(error) : closed()));
    });
    clearTimeout(cut);
    await gate.close();
    await close();
  };
  return { endpoint: `http://${address}:${port}`, accessKeyId, call: gate.call, stop };
};

/** Resolves when the files are open, and so locked: when the engine has looked something up. */
const opened = async (call: EngineCall): Promise<void> => {
  const client = inProcessClient(call);
  await statusOf(client, table);
  client.destroy();
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
