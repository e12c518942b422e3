import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { RetryStrategyV2 } from "@smithy/types";
import type { Answer } from "./table.ts";

/** One HTTP request of an SDK client, below its retries: what was called, and with what. */
export type Call = {
  readonly service: "table" | "queue";
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};
export type Carrier = (call: Call) => Promise<Answer>;

type HttpRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** Three tries, as in `adapters/clients.ts`. */
export const triesMax = 3;

/** What the SDK waits for at most before its second try; twice that before its third. */
export const pauseMsMax = { THROTTLING: 500, TRANSIENT: 100 } as const;
type Repeated = keyof typeof pauseMsMax;

/** Waits up to so many milliseconds of the time that the product lives in. */
export type Pause = (msMax: number) => Promise<void>;

/** What is repeated is the SDK's own judgement; its pauses are in the run's time, not in real time. */
const repeatedAfter = (pause: Pause): RetryStrategyV2 => ({
  acquireInitialRetryToken: async () => token(0),
  refreshRetryTokenForRetry: async (before, { errorType }) => {
    const count = before.getRetryCount();
    const isLast = count === triesMax - 1;
    if (isLast || !Object.keys(pauseMsMax).includes(errorType))
      throw new Error("This is not to be repeated");
    await pause(pauseMsMax[errorType as Repeated] * 2 ** count);
    return token(count + 1);
  },
  recordSuccess: () => {},
});
const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** In the place of the network. The SDK marshals, reads errors and repeats as it always does. */
const handlerOf = (service: Call["service"], carry: Carrier) => ({
  handle: async ({ headers, body }: HttpRequest) => {
    const target = headers["x-amz-target"] ?? headers["X-Amz-Target"] ?? "";
    const text = typeof body === "string" ? body : decoder.decode(body);
    const answer = await carry({
      service,
      operation: target.slice(target.indexOf(".") + 1),
      input: JSON.parse(text),
    });
    const response = {
      statusCode: answer.status,
      headers: { "content-type": "application/x-amz-json-1.0" },
      body: encoder.encode(JSON.stringify(answer.body)),
    };
    return { response };
  },
});

const configOf = (service: Call["service"], carry: Carrier, pause: Pause) => ({
  region: "local",
  endpoint: "http://simulated.invalid",
  credentials: { accessKeyId: "simulated", secretAccessKey: "simulated" },
  signer: { sign: async <Request>(request: Request): Promise<Request> => request },
  maxAttempts: triesMax,
  retryStrategy: repeatedAfter(pause),
  cacheMiddleware: true,
  requestHandler: handlerOf(service, carry) as never,
});

/** The real clients of table and queue, whose requests somebody else carries. */
export const carriedClients = (carry: Carrier, pause: Pause = async () => {}) => ({
  table: new DynamoDBClient(configOf("table", carry, pause) as never),
  queue: new SQSClient(configOf("queue", carry, pause) as never),
});
