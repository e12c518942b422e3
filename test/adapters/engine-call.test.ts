import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, test } from "@jest/globals";
import { inProcessClient } from "../../adapters/clients.ts";

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
