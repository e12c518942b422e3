import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll } from "@jest/globals";
import type { EngineCall } from "../../adapters/engine-call.ts";
import type { MessageKey } from "../../domain/message.ts";
import { messageEntity } from "../../entities/described/message.ts";
import type { Storage } from "../../entities/storage.ts";
import { createTableInput, tableDescription } from "../../entities/table.ts";
import { engineServer } from "../../local/engine-server.ts";
import { embedTable } from "../../testing/embedded.ts";
import { itemsOf, plainItemOf, type TestItem } from "../../testing/items.ts";

/** An item as the table has it, keys and all. */
export type RawItem = TestItem;

/** A table of its own for one test file. It does not outlive the file. */
export type TestTable = {
  readonly storage: Storage;
  /** The engine, if it is embedded. */
  readonly call: EngineCall | undefined;
  /** The same table through a client of its own, say one that loses answers. */
  readonly through: (config: DynamoDBClientConfig) => Storage;
  /** Every item of the table, or of one of its indexes. */
  readonly scan: (index?: keyof typeof tableDescription.indexes) => Promise<readonly RawItem[]>;
  /** The item of a message, as it is stored. */
  readonly item: (key: MessageKey) => Promise<RawItem | undefined>;
  /** Where other processes reach the engine. An embedded one listens from then on. */
  readonly url: () => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Where an engine is, as the SDK's clients take it: nothing for AWS itself. */
export type Engine = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

const engineAt = (endpoint: string): Engine => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

/**
 * The engine that a variable of the environment names: by its URL, or by the word `aws`, which
 * leaves it to the SDK where that is and who asks. None if it is not set: then one is embedded.
 */
export const engineNamedIn = (variable: string): Engine | undefined => {
  const named = process.env[variable];
  if (named === undefined || named === "") return undefined;
  if (named === "aws") return {};
  if (!/^https?:\/\//.test(named)) throw new Error(`${variable} is neither a URL nor the word aws`);
  return engineAt(named);
};

const patience = { maxWaitTime: 60, minDelay: 1, maxDelay: 2 };

/**
 * Makes a table of a name that no other has: in a DynamoDB embedded in this process, or in the
 * engine that `POSTRIDER_TEST_DYNAMODB` names. `close` removes it.
 */
export const openTable = async (): Promise<TestTable> => {
  const named = engineNamedIn("POSTRIDER_TEST_DYNAMODB");
  const table = `postrider-test-${crypto.randomUUID()}`;
  return named ? tableOf(named, table) : embeddedTable(table);
};

const reading = (storage: Storage): Pick<TestTable, "storage" | "scan" | "item"> => ({
  storage,
  scan: (index) => itemsOf(storage, index),
  item: (key) => messageItem(storage, key),
});

const embeddedTable = async (table: string): Promise<TestTable> => {
  const { storage, call, engineCall, clientWith, stop } = await embedTable(table);
  const servers: Server[] = [];
  const url = async (): Promise<string> => {
    const server = engineServer(engineCall);
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const close = async (): Promise<void> => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await stop();
  };
  const through = (config: DynamoDBClientConfig) => ({ ...storage, client: clientWith(config) });
  return { ...reading(storage), call, through, url, close };
};

const tableOf = async (engine: Engine, table: string): Promise<TestTable> => {
  const clients: DynamoDBClient[] = [];
  const through = (config: DynamoDBClientConfig): Storage => {
    const client = new DynamoDBClient({ ...engine, ...config });
    clients.push(client);
    return { client, table };
  };
  const storage = through({});
  await makeTable(storage);
  const url = async (): Promise<string> => {
    if (engine.endpoint === undefined) throw new Error("This test is for a table on this machine");
    return engine.endpoint;
  };
  const close = async (): Promise<void> => {
    await removeTable(engine, table);
    for (const client of clients) client.destroy();
  };
  return { ...reading(storage), call: undefined, through, url, close };
};

/** Slower than `ensureTable`, and surer: an engine of others may take its time. */
const makeTable = async ({ client, table }: Storage): Promise<void> => {
  await client.send(new CreateTableCommand(createTableInput(table)));
  await waitUntilTableExists({ client, ...patience }, { TableName: table });
};

/** Gives the tests of a file, or of a block, one table. It can be used from their hooks on. */
export const useTable = (): TestTable => {
  const table = {} as TestTable;
  beforeAll(async () => {
    Object.assign(table, await openTable());
  });
  afterAll(() => table.close());
  return table;
};

/** Through a client of its own: a test may have left faults in every other. */
const removeTable = async (engine: Engine, table: string): Promise<void> => {
  const client = new DynamoDBClient({ ...engine });
  await client.send(new DeleteTableCommand({ TableName: table }));
  await waitUntilTableNotExists({ client, ...patience }, { TableName: table });
  client.destroy();
};

const messageItem = async (storage: Storage, { senderId, messageId }: MessageKey) => {
  const { Key: key } = messageEntity(storage).get({ senderId, messageId }).params() as {
    Key: { pk: string; sk: string };
  };
  const { Item: item } = await storage.client.send(
    new GetItemCommand({
      TableName: storage.table,
      Key: { pk: { S: key.pk }, sk: { S: key.sk } },
      ConsistentRead: true,
    }),
  );
  return item && plainItemOf(item);
};

/** The attributes of an item that an entity gave it, without those that the library adds. */
export const attributesOf = (item: RawItem): RawItem => {
  const { key, indexes } = tableDescription;
  const added = [
    key.pk,
    key.sk,
    indexes.bySender.pk,
    indexes.bySender.sk,
    "__edb_e__",
    "__edb_v__",
  ];
  return Object.fromEntries(Object.entries(item).filter(([name]) => !added.includes(name)));
};
