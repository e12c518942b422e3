/** A table of one's own for each test, as `startTestTable` gives it. */
import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { messageStore } from "../../entities/message.ts";
import { neededEngine, needingEngine } from "../../testing/engine.ts";
import { startTestTable } from "../../testing/index.ts";
import { aMessage, t0 } from "../support/messages.ts";

test("A table has the stores of Postrider, its indexes and transactions, and no socket", async () => {
  const table = await startTestTable();
  const message = aMessage();

  await messageStore(table).submit(message);

  expect(await messageStore(table).get(message, t0)).toMatchObject({ status: "PENDING" });
  expect(await table.items("due")).toHaveLength(1);
  const [item] = await table.items();
  expect(item).toMatchObject({ messageId: message.messageId, attempts: 0 });
  const key = { pk: { S: "a" }, sk: { S: "b" } };
  const put = { Put: { TableName: table.table, Item: key } };
  await table.client.send(new TransactWriteItemsCommand({ TransactItems: [put] }));
  expect(await table.items()).toHaveLength(2);
  await table.stop();
});

test("Ten tests have a table of their own each, and none sees another's items", async () => {
  const tables = await Promise.all(Array.from({ length: 10 }, () => startTestTable()));
  for (const [index, table] of tables.entries())
    await messageStore(table).submit(aMessage({ messageId: `order-${index}` }));

  const items = await Promise.all(tables.map(({ items }) => items()));

  expect(items.map(([one]) => one?.["messageId"])).toEqual(
    tables.map((_, index) => `order-${index}`),
  );
  expect(items.flat()).toHaveLength(10);
  for (const { stop } of tables) await stop();
});

test("Without the engine one is told what to install", async () => {
  const missing = () => import("postrider-has-no-such-engine" as string);

  await expect(needingEngine(missing)).rejects.toThrow(`npm install --save-dev "${neededEngine}"`);
  const broken = needingEngine(() => Promise.reject(new Error("of another kind")));
  await expect(broken).rejects.toThrow("of another kind");
});
