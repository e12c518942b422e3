import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEventV2, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { handle } from "hono/aws-lambda";
import { dynamoDbClient, inProcessClient, sqsClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import type { EngineCall } from "../adapters/engine-call.ts";
import type { Post } from "../adapters/http.ts";
import { lambdaLog } from "../adapters/lambda-log.ts";
import { embeddedMetrics } from "../adapters/metrics.ts";
import { sqsQueue } from "../adapters/queue.ts";
import { masterKeyVault } from "../adapters/vault.ts";
import { hashApiKey, scopes } from "../domain/api-key.ts";
import { compose, type HandlerSettings } from "../handlers/compose.ts";
import { enrolNew } from "../handlers/enrol.ts";
import { withEncodedPath } from "../handlers/lambda/http-path.ts";
import { registryOf } from "../handlers/senders/registry.ts";
import { targetPolicyOf } from "../handlers/target-policy.ts";
import { ensureTable } from "../local/embedded-table.ts";
import { openEngine } from "../local/engine.ts";
import { deliverByHand } from "./by-hand/deliver.ts";
import { submitByHand } from "./by-hand/submit.ts";
import type { Flow } from "./flow-run.ts";
import { stubQueue, stubTable } from "./stub-transport.ts";

/** Calls of the table and the queue, by operation. */
export type Calls = Map<string, number>;

const table = "postrider";
const queueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/postrider";
const senderId = "shop";
const settings: HandlerSettings = {
  ...{ leaseMs: 65_000, clockMarginMs: 5000, graceMs: 60_000, timeoutMs: 15_000 },
  ...{ scheduleMs: [5000, 30_000], retentionDays: 30 },
  ...{ shards: 8, listAll: true, countOutcomes: true },
  ...{ allowTargets: [], allowHttp: "never" },
};
/** A target that accepts at once: what an exchange takes is measured elsewhere. */
const post: Post = async () => ({ kind: "answered", status: 200, durationMs: 20, timings: {} });

const counted =
  (call: EngineCall, calls: Calls): EngineCall =>
  (operation, input, isTyped) => {
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    return call(operation, input, isTyped);
  };

/** Clients over the stub or the engine; those of the comparison as the SDK makes them. */
const clientsOf = (
  { by, over }: Flow,
  { call, calls, onRecord }: { call: EngineCall; calls: Calls; onRecord: (body: string) => void },
) => {
  const sqs = by === "handlers" ? sqsClient() : new SQSClient();
  stubQueue(sqs, calls, onRecord);
  if (over === "engine") return { sqs, dynamo: inProcessClient(counted(call, calls)) };
  const dynamo = by === "handlers" ? dynamoDbClient() : new DynamoDBClient();
  stubTable(dynamo, calls, call);
  return { sqs, dynamo };
};

const handlersOver = (outside: Parameters<typeof compose>[0]) => {
  const made = compose(outside, settings);
  const answer = handle(made.api());
  const worker = made.worker();
  return {
    submit: (event: APIGatewayProxyEventV2) => answer(withEncodedPath(event) as never),
    deliver: (event: SQSEvent) => worker(event, { getRemainingTimeInMillis: () => 60_000 }),
  };
};

/**
 * Opens a flow with one sender, whose key and secrets are remembered from the first use on. Calls of
 * the embedded engine go through what is put around it.
 */
export const openFlow = async (
  flow: Flow,
  around: (call: EngineCall) => EngineCall = (call) => call,
) => {
  const calls: Calls = new Map();
  let records: string[] = [];
  const call = around(openEngine({}).call);
  const { dynamo, sqs } = clientsOf(flow, { call, calls, onRecord: (body) => records.push(body) });
  const known = { client: inProcessClient(call), table };
  await ensureTable(known.client, table);
  const vault = masterKeyVault([Buffer.alloc(32, 1)]);
  const { apiKey, signingSecret } = await enrolNew(
    { ...registryOf(known), vault, clock: systemClock },
    { senderId, scopes, label: "bench" },
  );
  const outside = {
    ...{ storage: { client: dynamo, table }, queue: sqsQueue(sqs, queueUrl), post, vault },
    ...{ log: lambdaLog(flow.what), metrics: embeddedMetrics(flow.what, "Postrider") },
  };
  const byHand = {
    ...{ dynamo, sqs, table, queueUrl, target: targetPolicyOf(settings), ...settings, post },
    policy: { scheduleMs: settings.scheduleMs, retentionDays: settings.retentionDays },
    senderOf: new Map([[hashApiKey(apiKey), senderId]]),
    secretsOf: new Map([[senderId, [signingSecret]]]),
  };
  const { submit, deliver } =
    flow.by === "handlers"
      ? handlersOver(outside)
      : { submit: submitByHand(byHand), deliver: deliverByHand(byHand) };
  return {
    ...{ senderId, apiKey, calls },
    storage: { client: dynamo, table },
    submit: submit as (event: APIGatewayProxyEventV2) => Promise<{ readonly statusCode: number }>,
    deliver: deliver as (event: SQSEvent) => Promise<SQSBatchResponse>,
    /** Returns the records that were sent since the last call. */
    takeRecords: (): readonly string[] => {
      const taken = records;
      records = [];
      return taken;
    },
  };
};
export type OpenFlow = Awaited<ReturnType<typeof openFlow>>;
