import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { BuildMiddleware, DeserializeMiddleware, MetadataBearer } from "@smithy/types";
import { userAgent } from "../domain/request.ts";
import type { EngineCall } from "./engine-call.ts";
import { callDirectly } from "./engine-direct.ts";
import { nameFailedCalls } from "./failed-calls.ts";
import { inTurn } from "./in-turn.ts";
import { Sha256 } from "./sha256.ts";

/**
 * An engine other than AWS: its address, and the access key id that it requires, if any.
 */
export type Endpoint = {
  readonly endpoint: string;
  readonly accessKeyId?: string;
  readonly requestTimeoutMs: number;
};

/**
 * Three tries of 1.5 seconds stay below the five seconds that a caller may have to wait. Without
 * `throwOnRequestTimeout` the SDK would only log a warning.
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

/** More concurrent calls would not make an engine with one thread faster. */
const engineCallsMax = 16;

/**
 * Makes calls of an engine wait for their turn before the time-out of a request starts. In a burst
 * the wait takes long, and a time-out would only make the caller try again. The number of waiting
 * calls is bounded where requests come in (`local/shed.ts`).
 */
const boundCalls = (client: DynamoDBClient | SQSClient): void => {
  const take = inTurn(engineCallsMax);
  const waiting: DeserializeMiddleware<object, MetadataBearer> = (next) => (args) =>
    take(() => next(args));
  // The two clients' stacks differ in their types only.
  const { middlewareStack } = client as DynamoDBClient;
  middlewareStack.add(waiting as never, { step: "deserialize", priority: "low", name: "inTurn" });
};

const named: BuildMiddleware<object, MetadataBearer> = (next) => (args) => {
  const { headers } = args.request as { headers: Record<string, string> };
  headers["user-agent"] = userAgent;
  return next(args);
};

/**
 * Leaves out what the SDK does for each call although nothing comes of it: it copies input and output
 * for a log that is not written, and makes the same text of its user agent and the same object that
 * signs. With the hash, that is a third of the CPU time of a call. Called before the first call.
 */
const withoutWaste = (client: DynamoDBClient | SQSClient): void => {
  const { middlewareStack, config } = client as DynamoDBClient;
  middlewareStack.remove("loggerMiddleware");
  middlewareStack.remove("getUserAgentMiddleware");
  middlewareStack.add(named as never, { step: "build", priority: "low", name: "userAgent" });
  const { signer: newSigner } = config;
  let signer: ReturnType<typeof newSigner> | undefined;
  config.signer = (scheme) => {
    if (scheme) return newSigner(scheme);
    signer ??= newSigner();
    return signer;
  };
};

/** Creates a client of the table, on AWS or of an engine. */
export const dynamoDbClient = (engine?: Endpoint): DynamoDBClient => {
  const config: DynamoDBClientConfig = {
    sha256: Sha256,
    ...bounded(engine?.requestTimeoutMs, engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  // Built once per client, not once per command: see the SDK's `cacheMiddleware`.
  const client = new DynamoDBClient({ ...config, cacheMiddleware: true });
  withoutWaste(client);
  nameFailedCalls(client);
  if (engine) boundCalls(client);
  return client;
};

/** Creates a client of the table over an engine in this process. Nothing is sent, so nothing waits. */
export const inProcessClient = (call: EngineCall): DynamoDBClient => {
  const engine = at({ endpoint: "http://in-process.invalid", requestTimeoutMs: 0 });
  const client = new DynamoDBClient({ ...engine, maxAttempts: 3, cacheMiddleware: true });
  callDirectly(client, call);
  nameFailedCalls(client);
  return client;
};

/** Creates a client of the queue, on AWS or of an engine. */
export const sqsClient = (engine?: Endpoint): SQSClient => {
  const config: SQSClientConfig = {
    sha256: Sha256,
    ...bounded(engine?.requestTimeoutMs, engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  const useQueueUrlAsEndpoint = !engine;
  const client = new SQSClient({ ...config, cacheMiddleware: true, useQueueUrlAsEndpoint });
  withoutWaste(client);
  nameFailedCalls(client);
  if (engine) boundCalls(client);
  return client;
};
