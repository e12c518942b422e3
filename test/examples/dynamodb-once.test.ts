/** The store of the client's `once` over DynamoDB: each guarantee, asked of a table. */

import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import dynalite from "dynalite";
import type { OnceStore } from "../../client/index.ts";
import { dynamoDbOnce } from "../../examples/receivers/node/dynamodb-once.ts";

const server = dynalite({ createTableMs: 0 });
let client: DynamoDBClient;
let store: OnceStore;
let now = Date.parse("2026-03-01T12:00:00Z");
let ids = 0;
let id = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new DynamoDBClient({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1" },
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  await client.send(
    new CreateTableCommand({
      ...{ TableName: "once", BillingMode: "PAY_PER_REQUEST" },
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  store = dynamoDbOnce(client, "once", () => now);
});
beforeEach(() => {
  id = `msg_${++ids}`;
});
afterAll(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

test("Of many that put an id at once, one does", async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => store.putIfAbsent(id, 1000)));

  expect(found.toSorted()).toEqual([...Array(19).fill("busy"), "put"]);
});

test("What is done is done, also after the lease", async () => {
  await store.putIfAbsent(id, 1000);
  await store.done(id);
  now += 2000;

  expect(await store.putIfAbsent(id, 1000)).toBe("done");
});

test("Whose lease is over may be begun by another", async () => {
  await store.putIfAbsent(id, 1000);
  now += 1001;

  expect(await store.putIfAbsent(id, 1000)).toBe("put");
});

test("What was removed may be begun at once", async () => {
  await store.putIfAbsent(id, 1000);
  await store.remove(id);

  expect(await store.putIfAbsent(id, 1000)).toBe("put");
});
