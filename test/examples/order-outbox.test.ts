/** The order service of the guide: an order and its message exist together, or neither. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  CreateTableCommand,
  DeleteTableCommand,
  GetItemCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { placeOrder } from "../../examples/order-outbox/orders.ts";
import { engineServer } from "../../local/engine-server.ts";
import { awsError } from "../support/faults.ts";
import { outboxOf, testSettings } from "../support/outbox.ts";
import { openReceiver } from "../support/receiver.ts";
import { options, useService } from "../support/service.ts";
import { engineNamedIn } from "../support/table.ts";

const root = join(import.meta.dirname, "../..");
const table = `orders-${crypto.randomUUID()}`;
// Before the service has its own: that ends the client.
afterAll(async () => {
  receiver.close();
  await service.storage.client.send(new DeleteTableCommand({ TableName: table }));
});
const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;

beforeAll(async () => {
  receiver = await openReceiver();
  const { client } = service.storage;
  await client.send(
    new CreateTableCommand({
      ...{ TableName: table, BillingMode: "PAY_PER_REQUEST" },
      AttributeDefinitions: [{ AttributeName: "orderId", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "orderId", KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
});

const orders = () =>
  placeOrder({
    ...{ client: service.storage.client, table, outbox: outboxOf(service) },
    ...{ senderId: "shop", targetUrl: receiver.url, clock: service.now },
  });
const messageOf = (orderId: string): string => `order-placed-${orderId}`;
const orderOf = async (orderId: string) => {
  const { Item } = await service.storage.client.send(
    new GetItemCommand({ TableName: table, Key: { orderId: { S: orderId } } }),
  );
  return Item && Number(Item["total"]?.N);
};
/** What the target got about an order, when all that was on the queue is delivered. */
const heardOf = async (orderId: string) => {
  await service.work(...service.recordsOf(messageOf(orderId)));
  return receiver.of(messageOf(orderId)).map(({ body }) => JSON.parse(body.toString()));
};

test("An order is placed, and its message delivered", async () => {
  expect(await orders()({ orderId: "1", total: 7 })).toBe("placed");

  expect(await orderOf("1")).toBe(7);
  expect(await heardOf("1")).toEqual([{ orderId: "1", total: 7 }]);
});

test("An order that is placed again is the same order, with one message", async () => {
  await orders()({ orderId: "2", total: 7 });

  expect(await orders()({ orderId: "2", total: 7 })).toBe("placed before");

  expect(await heardOf("2")).toEqual([{ orderId: "2", total: 7 }]);
});

test("An order that is placed again with another total is refused, and changes nothing", async () => {
  await orders()({ orderId: "3", total: 7 });

  await expect(orders()({ orderId: "3", total: 8 })).rejects.toThrow("ConditionalCheckFailed");

  expect([await orderOf("3"), await heardOf("3")]).toEqual([7, [{ orderId: "3", total: 7 }]]);
});

test("An order that cannot be stored has no message", async () => {
  const error = awsError("AccessDeniedException");
  service.faults.inject({ command: "TransactWriteItems", when: "before", error });

  await expect(orders()({ orderId: "4", total: 7 })).rejects.toThrow("AccessDenied");

  expect(await orderOf("4")).toBeUndefined();
  expect(await service.get(messageOf("4"))).toBeUndefined();
});

/** The table, for another process: an embedded one answers at a port while `use` runs. */
const withEngine = async (use: (engine: object) => Promise<void>): Promise<void> => {
  const { call } = service.table;
  if (!call) return use(engineNamedIn("POSTRIDER_TEST_DYNAMODB") ?? {});
  const server = engineServer(call).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  await use({ endpoint, region: "us-east-1", credentials });
  server.closeAllConnections();
  server.close();
};

/** A process that places an order, and then sends to a queue at this port. */
const placeInProcess = (engine: object, order: object, queuePort: number) => {
  const queue = `http://127.0.0.1:${queuePort}`;
  const given = { storage: service.storage.table, table, order, engine, queue };
  const script = `
    import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
    import { SQSClient } from "@aws-sdk/client-sqs";
    import { systemChance } from "./adapters/chance.ts";
    import { placeOrder } from "./examples/order-outbox/orders.ts";
    import { outboxOver } from "./outbox/outbox.ts";
    const given = ${JSON.stringify(given)};
    const clock = () => ${service.now()};
    const client = new DynamoDBClient(given.engine);
    const sqs = new SQSClient({ ...given.engine, endpoint: given.queue });
    const outbox = outboxOver({ clock, chance: systemChance })(
      { client, table: given.storage },
      { queue: { client: sqs, url: given.queue + "/q" }, settings: ${JSON.stringify(testSettings)} },
    );
    const target = { senderId: "shop", targetUrl: ${JSON.stringify(receiver.url)} };
    await placeOrder({ client, table: given.table, outbox, clock, ...target })(given.order);
  `;
  return spawn(join(root, "node_modules/.bin/node"), ["--input-type=module", "-e", script], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { PATH: process.env["PATH"] },
  });
};

test("A process that is killed between the commit and the dispatch loses nothing: the dispatcher sends the record", async () => {
  const queue = createServer().listen(0, "127.0.0.1");
  await once(queue, "listening");
  await withEngine(async (engine) => {
    const { port } = queue.address() as AddressInfo;
    const child = placeInProcess(engine, { orderId: "5", total: 7 }, port);
    // It is about to send the record. It never gets an answer.
    queue.on("request", () => child.kill("SIGKILL"));
    const [, signal] = await once(child, "exit");

    expect(signal).toBe("SIGKILL");
  });
  queue.closeAllConnections();
  queue.close();

  expect(await orderOf("5")).toBe(7);
  expect(await service.get(messageOf("5"))).toMatchObject({ status: "PENDING" });
  expect(await heardOf("5")).toEqual([]);
  service.advance(options.graceMs + 1);
  await service.dispatch();

  expect(await heardOf("5")).toEqual([{ orderId: "5", total: 7 }]);
  expect(await orders()({ orderId: "5", total: 7 })).toBe("placed before");
  expect(await heardOf("5")).toHaveLength(1);
});
