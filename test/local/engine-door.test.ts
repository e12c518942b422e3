import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { afterEach, expect, test } from "@jest/globals";
import { dynamoDbClient, sqsClient } from "../../adapters/clients.ts";
import { challengeHeader, listenerAt } from "../../adapters/operator-proof.ts";
import { startQueue } from "../../bench/embedded-queue.ts";
import { ensureTable, startTable, table } from "../../local/embedded-table.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const requestTimeoutMs = 30_000;

const openTable = async () => {
  const { stop, ...engine } = await startTable({});
  cleanUps.push(stop);
  const clientWith = (accessKeyId: string) => {
    const client = dynamoDbClient({ ...engine, accessKeyId, requestTimeoutMs });
    cleanUps.push(() => client.destroy());
    return client;
  };
  await ensureTable(clientWith(engine.accessKeyId), table);
  const ask = (accessKeyId: string): Promise<unknown> =>
    clientWith(accessKeyId).send(new DescribeTableCommand({ TableName: table }));
  return { ...engine, ask };
};

const openQueue = async () => {
  const { stop, ...engine } = await startQueue({ visibilitySeconds: 30, receivesMax: 5 });
  cleanUps.push(stop);
  const ask = (accessKeyId: string): Promise<unknown> => {
    const client = sqsClient({ ...engine, accessKeyId, requestTimeoutMs });
    cleanUps.push(() => client.destroy());
    return client.send(new ListQueuesCommand({}));
  };
  return { ...engine, ask };
};

const engines = [
  ["table", openTable],
  ["queue", openQueue],
] as const;

test.each(engines)("the %s answers its own access key id and no other", async (_, open) => {
  const { accessKeyId, ask } = await open();

  await expect(ask(accessKeyId)).resolves.toBeDefined();
  for (const other of ["local", `${accessKeyId}0`, "0".repeat(accessKeyId.length)])
    await expect(ask(other)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
});

test.each(engines)("the %s gets a new access key id at each start", async (_, open) => {
  const [one, other] = [await open(), await open()];

  expect(one.accessKeyId).toMatch(/^[0-9a-f]{32}$/);
  expect(one.accessKeyId).not.toBe(other.accessKeyId);
});

test("the table proves to know its access key id, to whoever asks", async () => {
  const { endpoint, accessKeyId } = await openTable();
  const proved = (key: string) =>
    listenerAt({ endpoint, table, accessKeyId: key, masterKeyId: "" }, requestTimeoutMs);

  expect(await proved(accessKeyId)).toBe("own");
  expect(await proved("0".repeat(accessKeyId.length))).toBe("gone");
});

/** Sends what a page sends that knows the access key id; `fetch` would not let it choose a host. */
const statusOf = async (endpoint: string, accessKeyId: string, headers: Headers) => {
  const call = request(endpoint, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/local/dynamodb/aws4_request`,
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "DynamoDB_20120810.ListTables",
      ...headers,
    },
  });
  const [response] = (await once(call.end("{}"), "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
};
type Headers = Readonly<Record<string, string>>;

test.each<[string, Headers]>([
  ["under another name of this machine", { host: "pages.example" }],
  ["from a page of another origin", { origin: "https://pages.example" }],
  [
    "with a challenge, from a page of another origin",
    { origin: "https://pages.example", [challengeHeader]: "a" },
  ],
])("the table refuses a call %s, whatever key it has", async (_, headers) => {
  const { endpoint, accessKeyId } = await openTable();

  expect(await statusOf(endpoint, accessKeyId, headers)).toBe(403);
  expect(await statusOf(endpoint, accessKeyId, {})).not.toBe(403);
});

const origin = "https://pages.example";
/** What pages can send: a simple request, the question before another one, and one that it allows. */
const ofPages: readonly (readonly [string, RequestInit])[] = [
  ["GET", { headers: { origin } }],
  ["POST of text", { method: "POST", headers: { origin }, body: "{}" }],
  [
    "POST of a form",
    { method: "POST", headers: { origin }, body: new URLSearchParams("Action=ListQueues") },
  ],
  [
    "preflight",
    {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-amz-target",
      },
    },
  ],
  [
    "call with a made-up signature",
    {
      method: "POST",
      headers: {
        origin,
        authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request",
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.ListTables",
      },
      body: "{}",
    },
  ],
];

test.each(engines.flatMap(([name, open]) => ofPages.map((each) => [name, ...each, open] as const)))(
  "the %s refuses a page's %s, and lets no page read the answer",
  async (_name, _what, init, open) => {
    const { endpoint } = await open();

    const answer = await fetch(endpoint, init);

    expect(answer.status).toBe(403);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(await answer.text()).toMatch(/^This engine belongs to one Postrider process/);
  },
);
