import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { FinalizeRequestMiddleware, MetadataBearer } from "@smithy/types";
import type { Storage } from "../../entities/storage.ts";
import type { TestTable } from "./table.ts";

/**
 * A client whose first request of one operation is carried out, but whose answer is lost: the SDK
 * then repeats it by itself. `requests` counts what went to the table.
 */
export const losingAnswers = (operation: "PutItem" | "UpdateItem") => {
  let requests = 0;
  const losing: FinalizeRequestMiddleware<object, MetadataBearer> =
    (next, { commandName }) =>
    async (args) => {
      if (commandName !== `${operation}Command`) return next(args);
      requests += 1;
      const isFirst = requests === 1;
      const answer = await next(args);
      if (!isFirst) return answer;
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    };
  const over = (table: TestTable): Storage => {
    const storage = table.through({ retryStrategy: repeatedAtOnce });
    storage.client.middlewareStack.addRelativeTo(losing as never, {
      ...{ relation: "after", toMiddleware: "retryMiddleware", name: "lostAnswers" },
    });
    return storage;
  };
  return { over, requests: () => requests };
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
