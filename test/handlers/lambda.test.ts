/** The entries of the functions on AWS, as Lambda imports and calls them. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { LambdaContext } from "hono/aws-lambda";
import { httpEvent } from "../../bench/http-event.ts";
import { secretsStandIn } from "../../bench/secrets-stand-in.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { compileCache } from "../support/compile-cache.ts";
import { useEnvironment } from "../support/environment.ts";
import { aRequest, masterKey, type Service, sqsRecord, useService } from "../support/service.ts";

const importAll = async () => ({
  api: (await import("../../handlers/lambda/api.ts")).handler,
  worker: (await import("../../handlers/lambda/worker.ts")).handler,
  dispatcher: (await import("../../handlers/lambda/dispatcher.ts")).handler,
  deadLetter: (await import("../../handlers/lambda/dead-letter.ts")).handler,
});
type Handlers = Awaited<ReturnType<typeof importAll>>;
type Event = Extract<Parameters<Handlers["api"]>[0], { readonly rawPath: string }>;

const service = useService();
const setEnvironment = useEnvironment();
let secrets: Awaited<ReturnType<typeof secretsStandIn>>;
let handlers: Handlers;

beforeAll(async () => {
  // The handlers write their log there.
  jest.spyOn(process.stdout, "write").mockReturnValue(true);
  secrets = await secretsStandIn(new Map([["master-keys", masterKey.toString("base64")]]));
  const table = await service.table.url();
  const queue = await urlOf(service.sqs);
  setEnvironment({
    POSTRIDER_TABLE: service.storage.table,
    POSTRIDER_QUEUE_URL: `${queue}${new URL(service.queueUrl).pathname}`,
    POSTRIDER_ALLOW_TARGETS: "127.0.0.0/8",
    POSTRIDER_MASTER_KEY_SECRET: "master-keys",
    POSTRIDER_FUNCTION_TIMEOUT_MS: "60000",
    POSTRIDER_VISIBILITY_MS: "360000",
    UV_THREADPOOL_SIZE: "256",
    AWS_ENDPOINT_URL_DYNAMODB: table,
    AWS_ENDPOINT_URL_SQS: queue,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
  });
  handlers = await importAll();
});
afterAll(() => {
  secrets.stop();
  jest.restoreAllMocks();
});

/** Where the engine behind a client of the queue is. */
const urlOf = async ({ config }: Service["sqs"]) => {
  const endpoint = await config.endpoint?.();
  return `http://127.0.0.1:${endpoint?.port}`;
};

/** As much of Lambda's context as the handlers look at. */
const context = { getRemainingTimeInMillis: () => 60_000 } as LambdaContext;

/** As the framework's types have it, which are stricter than what AWS says of the same event. */
const event = (method: string, path: string, given: Partial<Event> = {}): Event =>
  ({ ...httpEvent(method, path, { apiKey: service.apiKey }), ...given }) as unknown as Event;

const answerTo = async (given: Event) => {
  const { statusCode, headers, body } = await handlers.api(given, context);
  return { statusCode, headers, json: JSON.parse(body) };
};

const stored = (messageId: string) => service.table.item({ senderId: "shop", messageId });

/** The records of a message that the queue hands out; the function sends through its own client. */
const received = async (messageId: string) => {
  const { Messages = [] } = await service.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: service.queueUrl, MaxNumberOfMessages: 10 }),
  );
  const records = Messages.map(({ Body = "" }) => JSON.parse(Body) as DeliveryRecord);
  return records.filter((record) => record.messageId === messageId);
};

describe("The API, called with an event of an HTTP API", () => {
  const message = (messageId: string) =>
    JSON.stringify(aRequest({ messageId, targetUrl: "https://127.0.0.1:8443/", body: "Zoë" }));

  test.each([
    ["as a text", "lambda-1", (body: string) => ({ body })],
    [
      "in base64",
      "lambda-2",
      (body: string) => ({
        body: Buffer.from(body).toString("base64"),
        isBase64Encoded: true,
      }),
    ],
  ])("takes a message whose body comes %s", async (_how, messageId, given) => {
    const submitted = await answerTo(event("POST", "/v1/messages", given(message(messageId))));

    expect(submitted.statusCode).toBe(202);
    expect(submitted.headers).toMatchObject({ "content-type": "application/json" });
    expect(submitted.json).toMatchObject({ messageId, status: "QUEUED", duplicate: false });
    expect((await stored(messageId))?.["body"]).toEqual(new TextEncoder().encode("Zoë"));
    expect(await received(messageId)).toEqual([{ v: 1, senderId: "shop", messageId, attempt: 1 }]);
  });

  test("keeps the address of the connection of whoever acts: on a message, jobs, a sender", async () => {
    await answerTo(event("POST", "/v1/messages", { body: message("lambda-by") }));
    await answerTo(event("POST", "/v1/messages/lambda-by/cancel"));
    const job = JSON.stringify({ action: "cancel", filter: {} });
    const { jobId } = (await answerTo(event("POST", "/v1/jobs", { body: job }))).json;
    await answerTo(event("POST", `/v1/jobs/${jobId}/pause`));
    const authorization = `Bearer ${await service.operatorKey()}`;
    const asOperator = (method: string, path: string, body?: string) => {
      const given = event(method, path, body === undefined ? {} : { body });
      return answerTo({ ...given, headers: { ...given.headers, authorization } });
    };
    await asOperator("PATCH", "/v1/senders/shop", '{"defaults":{"retentionDays":9}}');

    const { events } = (await answerTo(event("GET", "/v1/messages/lambda-by/history"))).json;
    const { by, changes } = (await answerTo(event("GET", `/v1/jobs/${jobId}`))).json;
    const { items } = (await asOperator("GET", "/v1/senders/shop/history")).json;

    const acted = events.find(({ kind }: { readonly kind: string }) => kind === "action");
    const addresses = [acted, { by }, changes[0], items[0]].map((each) => each.by.address);
    expect(addresses).toEqual(Array(4).fill("198.51.100.7"));
  });

  test("shows a message, and answers a problem with its status", async () => {
    await answerTo(event("POST", "/v1/messages", { body: message("lambda-3") }));

    const shown = await answerTo(event("GET", "/v1/messages/lambda-3"));
    const missing = await answerTo(event("GET", "/v1/messages/none"));

    expect([shown.statusCode, shown.json.messageId]).toEqual([200, "lambda-3"]);
    expect([missing.statusCode, missing.json.code]).toEqual([404, "NOT_FOUND"]);
    expect(missing.headers).toMatchObject({ "content-type": "application/problem+json" });
  });

  const odd = [
    "a+b@c.example",
    "100%",
    "a%41",
    "a/attempts",
    "a?b",
    "a#b",
    "~a",
    "arn:aws:s3:::b/k",
  ];
  const submitOdd = (messageId: string) =>
    answerTo(event("POST", "/v1/messages", { body: message(messageId) }));

  test.each(odd)("finds the message %s where its location says", async (messageId) => {
    const { headers } = await submitOdd(messageId);
    const location = String(headers?.["location"]);

    const shown = await answerTo(event("GET", location));
    const attempts = await answerTo(event("GET", `${location}/attempts`));

    expect([shown.statusCode, shown.json.messageId]).toEqual([200, messageId]);
    expect(attempts.statusCode).toBe(200);
  });

  const byUrl = (path: string): Event => {
    const given = event("GET", path);
    const domainName = "abc.lambda-url.us-east-1.on.aws";
    return { ...given, requestContext: { ...given.requestContext, domainName } } as Event;
  };

  test.each(["a+b@c.example", "100%", "a%41", "a#b"])(
    "finds %s percent-encoded, decoded by an HTTP API or not by a function URL",
    async (messageId) => {
      await submitOdd(messageId);

      const decoded = await answerTo(event("GET", `/v1/messages/${messageId}`));
      const raw = await answerTo(byUrl(`/v1/messages/${encodeURIComponent(messageId)}`));

      expect([decoded.json.messageId, raw.json.messageId]).toEqual([messageId, messageId]);
    },
  );

  test("never shows the attempts of one message for another", async () => {
    for (const id of ["b", "b/attempts"]) await submitOdd(id);

    const decoded = await answerTo(event("GET", "/v1/messages/b/attempts"));
    const raw = await answerTo(byUrl("/v1/messages/b%2Fattempts"));

    expect([decoded.statusCode, raw.statusCode]).toEqual([400, 400]);
  });

  test("never sends in the clear, whatever addresses are allowed", async () => {
    const body = JSON.stringify(aRequest({ messageId: "lambda-4" }));

    const { statusCode, json } = await answerTo(event("POST", "/v1/messages", { body }));

    expect([statusCode, json.issues]).toEqual([
      400,
      [{ path: ["targetUrl"], message: "must use https" }],
    ]);
  });
});

describe("The other handlers", () => {
  test("make attempts, and name the records that must come back", async () => {
    // Nothing listens there, so the attempt fails at once.
    const targetUrl = "https://127.0.0.1:8443/";
    const body = JSON.stringify(aRequest({ messageId: "lambda-5", targetUrl }));
    await answerTo(event("POST", "/v1/messages", { body }));

    const response = await handlers.worker(
      {
        Records: [
          sqsRecord('{"v":1,"senderId":"shop","messageId":"lambda-5","attempt":1}', "sqs-1"),
          sqsRecord("not a record", "sqs-2"),
        ],
      },
      context,
    );

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "sqs-2" }] });
    expect(await stored("lambda-5")).toMatchObject({ attempts: 1, lastOutcome: { attempt: 1 } });
  });

  test("look after messages that are due, and count dead letters", async () => {
    await expect(handlers.dispatcher({}, context)).resolves.toBeUndefined();
    expect(await handlers.deadLetter({ Records: [sqsRecord("{}")] })).toEqual({
      batchItemFailures: [],
    });
  });
});

test.each([
  ["api", ["TABLE", "QUEUE_URL", "RETRY_SCHEDULE", "ALLOW_TARGETS", "SHARDS"]],
  ["worker", ["TABLE", "QUEUE_URL", "RETRY_SCHEDULE", "ALLOW_TARGETS", "LEASE_MS", "SHARDS"]],
  ["dispatcher", ["TABLE", "QUEUE_URL", "RETRY_SCHEDULE", "SHARDS"]],
])("A faulty environment stops the %s as it starts, and names every fault", (name, faulty) => {
  const started = spawnSync(process.execPath, [`handlers/lambda/${name}.ts`], {
    cwd: join(import.meta.dirname, "../.."),
    encoding: "utf8",
    env: {
      ...compileCache,
      AWS_REGION: "us-east-1",
      POSTRIDER_QUEUE_URL: "postrider",
      POSTRIDER_MASTER_KEY_SECRET: "master-keys",
      POSTRIDER_LEASE_MS: "1m",
      POSTRIDER_RETRY_SCHEDULE: "5s,soon",
      POSTRIDER_ALLOW_TARGETS: "10.0.0.1",
      POSTRIDER_SHARDS: "0",
      POSTRIDER_FUNCTION_TIMEOUT_MS: "60000",
      POSTRIDER_VISIBILITY_MS: "360000",
      UV_THREADPOOL_SIZE: "256",
    },
  });

  expect(started.status).toBe(1);
  for (const each of faulty) expect(started.stderr).toContain(`POSTRIDER_${each}: `);
  expect(started.stderr).toContain(`The configuration has ${faulty.length} faults:`);
});
