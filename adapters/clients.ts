import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { DeserializeMiddleware, MetadataBearer } from "@smithy/types";
import { nameFailedCalls } from "./failed-calls.ts";
import { inTurn } from "./in-turn.ts";

/**
 * An engine that is not AWS: where it is, and the access key id that it asks for. Without one it
 * takes any.
 */
export type Endpoint = {
  readonly endpoint: string;
  readonly accessKeyId?: string;
  readonly requestTimeoutMs: number;
};

/**
 * Three tries of a second and a half stay below the five seconds that a caller may have to wait;
 * without `throwOnRequestTimeout` the SDK would only warn.
 */
const bounded = (requestTimeoutMs = 1500, connectionTimeout = 1000) => ({
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: 100 },
    httpAgent: { keepAlive: true, maxSockets: 100 },
  },
});

const at = ({ endpoint, accessKeyId = "local" }: Endpoint) => ({
  endpoint,
  region: "local",
  credentials: { accessKeyId, secretAccessKey: "local" },
});

/** More at once make an engine that has one thread no faster. */
const engineCallsMax = 16;

/**
 * Has calls of an engine wait for their turn before the time of a request begins: what takes long
 * in a burst is the wait, and giving up would only make the caller ask again. How many may wait is
 * bounded where requests come in (`local/shed.ts`).
 */
const boundCalls = (client: DynamoDBClient | SQSClient): void => {
  const take = inTurn(engineCallsMax);
  const waiting: DeserializeMiddleware<object, MetadataBearer> = (next) => (args) =>
    take(() => next(args));
  // The two clients' stacks differ in their types only.
  const { middlewareStack } = client as DynamoDBClient;
  middlewareStack.add(waiting as never, { step: "deserialize", priority: "low", name: "inTurn" });
};

/** A client of the table: of AWS, or of the engine at an endpoint. */
export const dynamoDbClient = (engine?: Endpoint): DynamoDBClient => {
  const config: DynamoDBClientConfig = {
    ...bounded(engine?.requestTimeoutMs, engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  // Built once a client instead of once a command: see the SDK's `cacheMiddleware`.
  const client = new DynamoDBClient({ ...config, cacheMiddleware: true });
  nameFailedCalls(client);
  if (engine) boundCalls(client);
  return client;
};

/** A client of the queue, likewise. */
export const sqsClient = (engine?: Endpoint): SQSClient => {
  const config: SQSClientConfig = {
    ...bounded(engine?.requestTimeoutMs, engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  const useQueueUrlAsEndpoint = !engine;
  const client = new SQSClient({ ...config, cacheMiddleware: true, useQueueUrlAsEndpoint });
  nameFailedCalls(client);
  if (engine) boundCalls(client);
  return client;
};
