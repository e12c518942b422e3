import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ResourceNotFoundException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, expect, test } from "@jest/globals";
import { inProcessClient } from "../../adapters/clients.ts";
import { ensureTable, table } from "../../local/embedded-table.ts";
import { openEngine } from "../../local/engine.ts";

const engine = openEngine({});
const client = inProcessClient(engine.call);
afterAll(() => engine.close());
await ensureTable(client, table);

const TableName = table;
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "s" } });
const put = (pk: string, more: object = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...key(pk), ...more } }));
const get = async (pk: string) =>
  (await client.send(new GetItemCommand({ TableName, Key: key(pk) }))).Item;

test("an item comes back as it was put: bytes, lists, maps, sets, and nothing that is undefined", async () => {
  const item = {
    bytes: { B: new Uint8Array([1, 2, 255]) },
    list: { L: [{ S: "a" }, { B: new Uint8Array([3]) }] },
    map: { M: { n: { N: "1" }, bytes: { B: new Uint8Array([4]) } } },
    set: { SS: ["a", "b"] },
    yes: { BOOL: true },
  };
  await put("types", { ...item, none: undefined });

  expect(await get("types")).toEqual({ ...key("types"), ...item });
});

test("what a caller does to an item that it read changes nothing for others", async () => {
  await put("own", { bytes: { B: new Uint8Array([1]) }, text: { S: "a" } });
  const read = await get("own");

  if (read?.["text"]) Object.assign(read["text"], { S: "changed" });

  expect(await get("own")).toMatchObject({ text: { S: "a" }, bytes: { B: new Uint8Array([1]) } });
});

const putAnew = (pk: string) =>
  client.send(
    new PutItemCommand({
      ...{ TableName, Item: key(pk) },
      ConditionExpression: "attribute_not_exists(pk)",
    }),
  );

test("a refusal is an error of the SDK's class, with the status that DynamoDB gives it", async () => {
  await putAnew("refused");

  const again = putAnew("refused");
  const missing = client.send(new DescribeTableCommand({ TableName: "missing" }));

  await expect(again).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  await expect(again).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  await expect(missing).rejects.toBeInstanceOf(ResourceNotFoundException);
});

test("an operation that it does not have is refused", async () => {
  expect(await engine.call("TransactWriteItems", {})).toMatchObject({ statusCode: 400 });
});

const update = (pk: string, values: Readonly<Record<string, { N: string } | { S: string }>>) =>
  client.send(
    new UpdateItemCommand({
      ...{ TableName, Key: key(pk), ReturnValues: "ALL_NEW" },
      UpdateExpression: "SET #n = :new",
      ConditionExpression: "attribute_not_exists(#n) OR #n = :old",
      ExpressionAttributeNames: { "#n": "n" },
      ExpressionAttributeValues: values,
    }),
  );

test("an expression that comes again is judged by its new values, and by their types", async () => {
  const first = await update("n", { ":new": { N: "1" }, ":old": { N: "0" } });
  const second = await update("n", { ":new": { N: "2" }, ":old": { N: "1" } });
  const text = await update("n", { ":new": { S: "3" }, ":old": { N: "2" } });

  expect([first, second, text].map(({ Attributes }) => Attributes?.["n"])).toEqual([
    { N: "1" },
    { N: "2" },
    { S: "3" },
  ]);
  await expect(update("n", { ":new": { N: "9" }, ":old": { N: "2" } })).rejects.toBeInstanceOf(
    ConditionalCheckFailedException,
  );
});

test("an expression that was right with a number is refused with a text", async () => {
  const add = (value: { N: string } | { S: string }) =>
    client.send(
      new UpdateItemCommand({
        ...{ TableName, Key: key("count"), UpdateExpression: "ADD summed :v" },
        ExpressionAttributeValues: { ":v": value } as Record<string, { N: string }>,
      }),
    );

  await add({ N: "1" });

  await expect(add({ S: "1" })).rejects.toThrow(/Incorrect operand type/);
});

test("a value that an expression does not use is refused each time", async () => {
  const unused = () => update("n", { ":new": { N: "1" }, ":old": { N: "0" }, ":more": { N: "0" } });

  for (let time = 0; time < 2; time += 1)
    await expect(unused()).rejects.toThrow(/unused in expressions: keys: {:more}/);
});

test("a range that ends before it begins is refused, also where it came the right way before", async () => {
  const between = (low: string, high: string) =>
    client.send(
      new QueryCommand({
        ...{ TableName, IndexName: "due" },
        KeyConditionExpression: "dueShard = :s AND dueAt BETWEEN :low AND :high",
        ExpressionAttributeValues: { ":s": { S: "0" }, ":low": { N: low }, ":high": { N: high } },
      }),
    );

  await expect(between("1", "2")).resolves.toMatchObject({ Count: 0 });
  await expect(between("2", "1")).rejects.toThrow(/BETWEEN/);
});

const due = async () => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      ...{ TableName, IndexName: "due" },
      KeyConditionExpression: "dueShard = :s",
      ExpressionAttributeValues: { ":s": { S: "7" } },
    }),
  );
  return Items.map(({ pk }) => pk?.S);
};

test("an item is in an index for as long as it has its attributes, and gone when it is deleted", async () => {
  const inIndex = { dueShard: { S: "7" }, dueAt: { N: "1" } };
  await put("a", inIndex);
  await put("b", inIndex);
  await put("c", inIndex);
  await put("a");
  await client.send(new DeleteItemCommand({ TableName, Key: key("b") }));

  expect(await due()).toEqual(["c"]);
  expect([await get("a"), await get("b")]).toEqual([key("a"), undefined]);
});

test("several items are read as single ones are", async () => {
  await put("many", { n: { N: "1" } });

  const { Responses } = await client.send(
    new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key("many"), key("none")] } } }),
  );

  expect(Responses?.[table]).toEqual([{ ...key("many"), n: { N: "1" } }]);
});
