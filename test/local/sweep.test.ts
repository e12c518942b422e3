import {
  type DynamoDBClient,
  PutItemCommand,
  type ScanCommandInput,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, test } from "@jest/globals";
import { startSweep, sweepExpired } from "../../local/sweep.ts";
import { useTable } from "../support/table.ts";
import { until } from "./until.ts";

const nowSeconds = 1_800_000_000;
const now = nowSeconds * 1000;

const table = useTable();
beforeEach(() => sweepExpired({ ...table.storage, now: Number.MAX_SAFE_INTEGER, pageSize: 100 }));

const put = (name: string, ttl?: number) =>
  table.storage.client.send(
    new PutItemCommand({
      TableName: table.storage.table,
      Item: {
        pk: { S: name },
        sk: { S: "message" },
        ...(ttl !== undefined && { ttl: { N: String(ttl) } }),
      },
    }),
  );

const names = async () => (await table.scan()).map(({ pk }) => pk).toSorted();
const several = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

test("items whose time has come are removed, and no others", async () => {
  await put("past", nowSeconds - 1);
  await put("just now", nowSeconds);
  await put("in a second", nowSeconds + 1);
  await put("for ever");

  const removed = await sweepExpired({ ...table.storage, now: now + 999, pageSize: 100 });

  expect(removed).toBe(2);
  expect(await names()).toEqual(["for ever", "in a second"]);
  await sweepExpired({ ...table.storage, now: now + 1000, pageSize: 100 });
  expect(await names()).toEqual(["for ever"]);
  // Its key would be in the way of the tests that follow.
  await put("for ever", 0);
});

test("it comes round to every page, also where a page has nothing to remove", async () => {
  for (const name of several("live", 10)) await put(name, nowSeconds + 1);
  for (const name of several("expired", 10)) await put(name, nowSeconds - 1);

  const removed = await sweepExpired({ ...table.storage, now, pageSize: 3 });

  expect(removed).toBe(10);
  expect(await names()).toEqual(several("live", 10));
});

/** A client that does something else first, each time before it deletes an item. */
const beforeDeleting = (first: (pk: string) => Promise<unknown>): DynamoDBClient => {
  const { client } = table.through({});
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { Key } = args.input as { Key?: { pk?: { S?: string } } };
        if (commandName === "DeleteItemCommand") await first(Key?.pk?.S ?? "");
        return next(args);
      },
    { step: "initialize" },
  );
  return client;
};

test("an item whose ttl is moved on after it was read stays", async () => {
  await put("replayed", nowSeconds - 1);
  await put("expired", nowSeconds - 1);
  const moveOn = async (pk: string) => {
    if (pk === "replayed") await put(pk, nowSeconds + 1);
  };
  const client = beforeDeleting(moveOn);

  const removed = await sweepExpired({ ...table.storage, client, now, pageSize: 100 });

  expect(removed).toBe(1);
  expect(await names()).toEqual(["replayed"]);
});

test("an item that is gone by then is not an error", async () => {
  await put("expired", nowSeconds - 1);
  const removeIt = () => sweepExpired({ ...table.storage, now, pageSize: 100 });
  const client = beforeDeleting(removeIt);

  await expect(sweepExpired({ ...table.storage, client, now, pageSize: 100 })).resolves.toBe(0);
});

test("an error of the table ends the pass", async () => {
  await put("expired", nowSeconds - 1);
  const client = beforeDeleting(() => Promise.reject(new Error("no")));

  await expect(sweepExpired({ ...table.storage, client, now, pageSize: 100 })).rejects.toThrow(
    "no",
  );
});

test("the endless sweep does a page a tick, goes on where it was, and begins anew", async () => {
  for (const name of several("item", 9)) await put(name, nowSeconds + 1);
  const { client } = table.through({});
  const pages: ScanCommandInput[] = [];
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "ScanCommand") pages.push(args.input as ScanCommandInput);
        return next(args);
      },
    { step: "initialize" },
  );
  let clockMs = now;

  const sweep = startSweep({
    ...table.storage,
    client,
    clock: () => clockMs,
    everyMs: 1,
    pageSize: 4,
    onError: (error) => {
      throw error;
    },
  });
  await until(() => pages.length >= 4);
  clockMs += 1000;
  await until(async () => (await names()).length === 0);
  await sweep.stop();

  const starts = pages.slice(0, 4).map(({ ExclusiveStartKey }) => ExclusiveStartKey?.["pk"]?.S);
  expect(new Set(starts.slice(0, 3)).size).toBe(3);
  expect([starts[0], starts[3]]).toEqual([undefined, undefined]);
});

test("a tick that fails is reported, and the same page comes again", async () => {
  await put("expired", nowSeconds - 1);
  let failures = 0;
  const client = beforeDeleting(async () => {
    if (failures === 0) throw new Error("no");
  });

  const sweep = startSweep({
    ...table.storage,
    client,
    clock: () => now,
    everyMs: 1,
    pageSize: 4,
    onError: () => {
      failures += 1;
    },
  });
  await until(async () => (await names()).length === 0);
  await sweep.stop();

  expect(failures).toBe(1);
});
