import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, expect, test } from "@jest/globals";
import dynalite from "dynalite";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { createTableInput, tableDescription } from "../../entities/table.ts";
import { ensureTable, startTable } from "../../local/embedded-table.ts";
import { compileCache } from "../support/compile-cache.ts";
import { temporaryDataDir } from "./temporary.ts";
import { until } from "./until.ts";

const table = "postrider";
const item = { pk: { S: "a" }, sk: { S: "b" } };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const newDataDir = (): string => {
  const { dataDir, remove } = temporaryDataDir();
  cleanUps.push(remove);
  return dataDir;
};

const clientAt = (endpoint: string, accessKeyId?: string): DynamoDBClient => {
  const client = dynamoDbClient({ endpoint, accessKeyId, requestTimeoutMs: 5000 });
  cleanUps.push(() => client.destroy());
  return client;
};

/** Runs an engine for as long as it takes. */
const withTable = async <Result>(
  options: Parameters<typeof startTable>[0],
  use: (client: DynamoDBClient, endpoint: string) => Promise<Result>,
): Promise<Result> => {
  const { endpoint, accessKeyId, stop } = await startTable(options);
  try {
    return await use(clientAt(endpoint, accessKeyId), endpoint);
  } finally {
    await stop();
  }
};

const put = (client: DynamoDBClient) =>
  client.send(new PutItemCommand({ TableName: table, Item: item }));
const get = async (client: DynamoDBClient) =>
  (await client.send(new GetItemCommand({ TableName: table, Key: item }))).Item;

/** Another process that has the data directory in use. */
const startElsewhere = async (dataDir: string): Promise<ChildProcess> => {
  const script = `
    const { startTable } = await import(${JSON.stringify(import.meta.resolve("../../local/embedded-table.ts"))});
    await startTable({ dataDir: ${JSON.stringify(dataDir)} });
    console.log("started");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], ...compileCache },
  });
  cleanUps.push(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
};

test("without a data directory, the table and its indexes are made in memory", async () => {
  const described = await withTable({}, async (client) => {
    await ensureTable(client, table);
    await put(client);
    return client.send(new DescribeTableCommand({ TableName: table }));
  });

  const indexes = described.Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName);
  expect(indexes?.toSorted()).toEqual(Object.keys(tableDescription.indexes).toSorted());
});

test("it listens on the loopback interface", async () => {
  await withTable({}, async (_, endpoint) => {
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  });
});

test("a restart finds the table and what is in it", async () => {
  const dataDir = newDataDir();
  await withTable({ dataDir }, async (client) => {
    await ensureTable(client, table);
    await put(client);
  });

  const found = await withTable({ dataDir }, async (client) => {
    await ensureTable(client, table);
    return get(client);
  });

  expect(found).toEqual(item);
});

/** An engine in which a new table cannot be used for a while. */
const startSlowly = async (options: { readonly path?: string; readonly createTableMs: number }) => {
  const server = dynalite(options);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { client: clientAt(`http://127.0.0.1:${port}`), stop };
};

test("a table that is made takes writes as soon as we are told so", async () => {
  const { client, stop } = await startSlowly({ createTableMs: 100 });
  cleanUps.push(stop);

  await ensureTable(client, table);
  await put(client);

  expect(await get(client)).toEqual(item);
});

test("a table that a killed start left half created is made usable", async () => {
  const dataDir = newDataDir();
  const killed = await startSlowly({ path: join(dataDir, "table"), createTableMs: 300 });
  await killed.client.send(new CreateTableCommand(createTableInput(table)));
  await killed.stop();

  const found = await withTable({ dataDir }, async (client) => {
    await expect(put(client)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await ensureTable(client, table);
    await put(client);
    return get(client);
  });

  expect(found).toEqual(item);
});

test("a data directory that another process uses is refused, until that process is gone", async () => {
  const dataDir = newDataDir();
  const other = await startElsewhere(dataDir);

  await expect(startTable({ dataDir })).rejects.toThrow(
    `The data directory ${dataDir} is in use by another Postrider. Stop that one, or set POSTRIDER_DATA_DIR to another directory.`,
  );

  const gone = once(other, "exit");
  other.kill("SIGKILL");
  await gone;
  await withTable({ dataDir }, (client) => ensureTable(client, table));
});

test("files that cannot be opened are an error that says why", async () => {
  const dataDir = newDataDir();
  writeFileSync(join(dataDir, "table"), "not a folder");

  await expect(startTable({ dataDir })).rejects.toThrow(
    `The table in ${dataDir} cannot be opened: EEXIST`,
  );
});

/** How much a folder holds. */
const megabytesIn = (folder: string): number =>
  readdirSync(folder)
    .map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, bytes) => sum + bytes, 0) /
  (1024 * 1024);

test("a read that has ended keeps nothing: what is overwritten after it leaves the disk", async () => {
  const dataDir = newDataDir();

  await withTable({ dataDir }, async (client) => {
    await ensureTable(client, table);
    for (let round = 0; round < 100; round += 1) {
      const big = { S: randomBytes(150_000).toString("hex") };
      await client.send(new PutItemCommand({ TableName: table, Item: { ...item, big } }));
      await client.send(new ScanCommand({ TableName: table, Limit: 1, Select: "COUNT" }));
    }

    // 30 MB have been written, of which 0.3 MB count; LevelDB sorts the rest out by itself.
    await until(() => megabytesIn(join(dataDir, "table")) < 15);
    expect(await get(client)).toMatchObject({ big: { S: expect.any(String) } });
  });
});

test("a caller that hangs up halfway does no harm", async () => {
  await withTable({}, async (client, endpoint) => {
    await ensureTable(client, table);
    const caller = connect(Number(new URL(endpoint).port), "127.0.0.1");
    caller.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    await once(caller, "ready");
    await put(client);
    caller.resetAndDestroy();
    await put(client);
    await put(client);

    expect(await get(client)).toEqual(item);
  });
});

test("stop does not wait for a caller that never finishes its request", async () => {
  const { endpoint, stop } = await startTable({});
  const caller = connect(Number(new URL(endpoint).port), "127.0.0.1");
  cleanUps.push(() => caller.destroy());
  caller.on("error", () => {});
  caller.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  await once(caller, "ready");

  await expect(stop()).resolves.toBeUndefined();
});
