import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

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
const bounded = (requestTimeoutMs = 1500) => ({
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 1000,
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

/** A client of the table: of AWS, or of the engine at an endpoint. */
export const dynamoDbClient = (engine?: Endpoint): DynamoDBClient => {
  const config: DynamoDBClientConfig = {
    ...bounded(engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  // Built once a client instead of once a command: see the SDK's `cacheMiddleware`.
  return new DynamoDBClient({ ...config, cacheMiddleware: true });
};

/** A client of the queue, likewise. */
export const sqsClient = (engine?: Endpoint): SQSClient => {
  const config: SQSClientConfig = {
    ...bounded(engine?.requestTimeoutMs),
    ...(engine && at(engine)),
  };
  return new SQSClient({ ...config, cacheMiddleware: true, useQueueUrlAsEndpoint: !engine });
};
