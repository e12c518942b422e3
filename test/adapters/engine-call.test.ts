import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { inProcessClient } from "../../adapters/clients.ts";
import { failedCallOf } from "../../adapters/failed-calls.ts";

const unavailable = {
  statusCode: 500,
  body: { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message: "later" },
};

test("a call that the engine cannot carry out is repeated, with its input as it was", async () => {
  const inputs: string[] = [];
  const client = inProcessClient(async (operation, input) => {
    inputs.push(`${operation} ${JSON.stringify(input)}`);
    // As the engine may.
    Object.assign(input, { Item: "changed" });
    return inputs.length < 3 ? unavailable : { statusCode: 200, body: {} };
  });

  await client.send(
    new PutItemCommand({ TableName: "t", Item: { pk: { B: new Uint8Array([1]) } } }),
  );

  const input = '{"TableName":"t","Item":{"pk":{"B":"AQ=="}}}';
  expect(inputs).toEqual(Array.from({ length: 3 }, () => `PutItem ${input}`));
});

test("what it cannot carry out after three tries is an error that says so", async () => {
  const client = inProcessClient(async () => unavailable);

  await expect(
    client.send(new PutItemCommand({ TableName: "t", Item: { pk: { S: "a" } } })),
  ).rejects.toMatchObject({
    ...{ name: "InternalServerError", $fault: "server" },
    $metadata: { httpStatusCode: 500, attempts: 3 },
  });
});

test("a refused condition is the SDK's error, named by its call, after one call of the engine", async () => {
  let calls = 0;
  const client = inProcessClient(async () => {
    calls += 1;
    const __type = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    return { statusCode: 400, body: { __type, message: "refused", Item: { pk: { B: "AQ==" } } } };
  });

  const refused = client.send(new PutItemCommand({ TableName: "t", Item: { pk: { S: "a" } } }));
  const error = await refused.catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(ConditionalCheckFailedException);
  expect(error).toMatchObject({ Item: { pk: { B: new Uint8Array([1]) } } });
  expect(failedCallOf(error as object)).toEqual({ operation: "PutItem", dependency: "t" });
  expect(calls).toBe(1);
});

test("bytes are read as bytes, at any depth, and no attribute is mistaken for them", async () => {
  const value = { M: { B: { L: [{ B: "AQ==" }, { BS: ["Ag=="] }] }, BS: { S: "Ag==" } } };
  const client = inProcessClient(async () => ({ statusCode: 200, body: { Item: { B: value } } }));

  const { Item: item } = await client.send(
    new GetItemCommand({ TableName: "t", Key: { pk: { S: "a" } } }),
  );

  const bytes = (byte: number) => new Uint8Array([byte]);
  const list = { L: [{ B: bytes(1) }, { BS: [bytes(2)] }] };
  expect(item).toEqual({ B: { M: { B: list, BS: { S: "Ag==" } } } });
});

test.each([
  ["Item", new GetItemCommand({ TableName: "t", Key: {} }), (item: object) => item],
  ["Attributes", new UpdateItemCommand({ TableName: "t", Key: {} }), (item: object) => item],
  ["Items", new QueryCommand({ TableName: "t" }), (item: object) => [item, item]],
  ["LastEvaluatedKey", new QueryCommand({ TableName: "t" }), (item: object) => item],
  [
    "Responses",
    new BatchGetItemCommand({ RequestItems: {} }),
    (item: object) => ({ t: [item, item] }),
  ],
  [
    "UnprocessedKeys",
    new BatchGetItemCommand({ RequestItems: {} }),
    (item: object) => ({ t: { Keys: [item] } }),
  ],
])("bytes are read as bytes in %s", async (member, command, around) => {
  const body = { [member]: around({ pk: { B: "AQ==" } }), ScannedCount: 1 };
  const client = inProcessClient(async () => ({ statusCode: 200, body }));

  const answer = await client.send(command as GetItemCommand);

  expect(answer).toMatchObject({ [member]: around({ pk: { B: new Uint8Array([1]) } }) });
});

test("a rare command goes through the SDK's middlewares, with the same answer", async () => {
  const client = inProcessClient(async () => ({ statusCode: 200, body: { TableNames: ["t"] } }));

  expect(await client.send(new ListTablesCommand({}))).toMatchObject({
    ...{ TableNames: ["t"], $metadata: { httpStatusCode: 200 } },
  });
});
