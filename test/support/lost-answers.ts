import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

type RequestHandler = DynamoDBClient["config"]["requestHandler"];

/**
 * The configuration of a client whose first request of one operation is carried out, but whose
 * answer is lost: the SDK then repeats it by itself. `requests` counts what went over the wire.
 */
export const losingAnswers = (operation: "PutItem" | "UpdateItem") => {
  const { requestHandler: inner } = new DynamoDBClient({ region: "local" }).config;
  let requests = 0;
  const handle: RequestHandler["handle"] = async (request, options) => {
    const answer = await inner.handle(request, options);
    if (!request.headers["x-amz-target"]?.endsWith(`.${operation}`)) return answer;
    requests += 1;
    if (requests > 1) return answer;
    answer.response.body.resume();
    throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  };
  const config: DynamoDBClientConfig = {
    requestHandler: { ...inner, handle, destroy: () => inner.destroy?.() },
    retryStrategy: repeatedAtOnce,
  };
  return { config, requests: () => requests };
};

const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/** Repeats what the network did to a request, without the SDK's delay. */
const repeatedAtOnce: DynamoDBClientConfig["retryStrategy"] = {
  acquireInitialRetryToken: async () => token(0),
  refreshRetryTokenForRetry: async (before, { errorType }) => {
    if (errorType !== "TRANSIENT") throw new Error("This is not to be repeated");
    return token(before.getRetryCount() + 1);
  },
  recordSuccess: () => {},
};
