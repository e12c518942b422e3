import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, expect, test } from "@jest/globals";
import { dynamoDbClient, sqsClient } from "../../adapters/clients.ts";
import { failedCallOf } from "../../adapters/failed-calls.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const requestTimeoutMs = 30_000;
const calls = 200;

/** An engine that answers one call at a time, and only when no further one comes any more. */
const slowEngine = async () => {
  const held: ServerResponse[] = [];
  let heldMax = 0;
  const answerOne = (): void => {
    held.shift()?.end("{}");
  };
  const server = createServer((request, response) => {
    request.resume();
    held.push(response);
    heldMax = Math.max(heldMax, held.length);
    // Those that are on their way arrive first.
    setImmediate(() => setImmediate(answerOne));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, heldMax: () => heldMax };
};

const clients = [
  [
    "table",
    (endpoint: string) => {
      const client = dynamoDbClient({ endpoint, requestTimeoutMs });
      const Key = { pk: { S: "a" } };
      const ask = () => client.send(new GetItemCommand({ TableName: "t", Key }));
      return { client, ask };
    },
  ],
  [
    "queue",
    (endpoint: string) => {
      const client = sqsClient({ endpoint, requestTimeoutMs });
      return { client, ask: () => client.send(new ListQueuesCommand({})) };
    },
  ],
] as const;

test.each(clients)(
  "a burst of calls of an embedded %s waits its turn, and every call is answered",
  async (_, open) => {
    const { endpoint, heldMax } = await slowEngine();
    const { client, ask } = open(endpoint);
    cleanUps.push(() => client.destroy());

    const answers = await Promise.all(
      Array.from({ length: calls }, () => ask() as Promise<unknown>),
    );

    expect(answers).toHaveLength(calls);
    expect(heldMax()).toBeGreaterThan(1);
    expect(heldMax()).toBeLessThanOrEqual(16);
  },
);

test("calls of an embedded engine have as long to connect as to be answered", async () => {
  const client = dynamoDbClient({ endpoint: "http://127.0.0.1:9", requestTimeoutMs });
  cleanUps.push(() => client.destroy());
  const handler = client.config.requestHandler as unknown as {
    configProvider: Promise<{ connectionTimeout: number; requestTimeout: number }>;
  };

  expect(await handler.configProvider).toMatchObject({
    connectionTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
  });
});

test.each(clients)(
  "a failed call of a %s says what it was, and nothing of its input",
  async (name, open) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: "com.amazonaws#Refused", message: "refused" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const { client, ask } = open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    cleanUps.push(() => client.destroy());

    const error = await (ask() as Promise<unknown>).catch((thrown: unknown) => thrown as object);

    expect(failedCallOf(error as object)).toEqual(
      name === "table"
        ? { operation: "GetItem", dependency: "t" }
        : { operation: "ListQueues", dependency: undefined },
    );
  },
);

test.each(clients)("a call of a %s is signed, and says who makes it", async (_, open) => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    request.resume();
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { client, ask } = open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  cleanUps.push(() => client.destroy());

  await ask();
  await ask();

  const authorization = expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=local\/.+Signature=/);
  const expected = expect.objectContaining({ "user-agent": "Postrider/1", authorization });
  expect(seen).toEqual([expected, expected]);
});
