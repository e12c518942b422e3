import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { callInProcess, type EngineCall } from "../adapters/engine-call.ts";
import type { Storage } from "../entities/storage.ts";
import { ensureTable } from "../local/embedded-table.ts";
import { openEngine } from "../local/engine.ts";
import { CheckedOnce } from "./checked-once.ts";
import { withTransactions } from "./transactions.ts";

/** A DynamoDB of its own in this process, with one table of Postrider. */
export type EmbeddedTable = {
  readonly storage: Storage;
  /** Calls the engine, transactions included. */
  readonly call: EngineCall;
  /** Calls the engine itself. */
  readonly engineCall: EngineCall;
  /** Makes another client of it. */
  readonly clientWith: (config: DynamoDBClientConfig) => DynamoDBClient;
  readonly stop: () => Promise<void>;
};

/** No request leaves the process, so none of this is used. */
const nowhere: DynamoDBClientConfig = {
  endpoint: "http://in-process.invalid",
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
};

/** Makes a table in memory. `observe` may look at each call of the engine. */
export const embedTable = async (
  table: string,
  observe: (call: EngineCall) => EngineCall = (call) => call,
): Promise<EmbeddedTable> => {
  const engine = openEngine({});
  const call = observe(withTransactions(engine.call));
  const clients: DynamoDBClient[] = [];
  const clientWith = (config: DynamoDBClientConfig): DynamoDBClient => {
    const client = new DynamoDBClient({ ...nowhere, ...config });
    // No sockets: they cost more than all that the engine does.
    callInProcess(client, call);
    clients.push(client);
    return client;
  };
  const client = clientWith({});
  await ensureTable(client, table);
  const stop = async (): Promise<void> => {
    for (const each of clients) each.destroy();
    await engine.close();
  };
  const storage = { client, table, Entity: CheckedOnce };
  return { storage, call, engineCall: engine.call, clientWith, stop };
};
