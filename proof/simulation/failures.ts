import type { Answer } from "./table.ts";

type Service = "table" | "queue";

/** What a client sees of a connection that breaks. */
export const connectionLost = (): Error =>
  Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/** The names by which AWS says that it is asked too often, or is not well. */
const types = {
  throttled: {
    table: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    queue: "com.amazonaws.sqs#RequestThrottled",
  },
  failed: {
    table: "com.amazonaws.dynamodb.v20120810#InternalServerError",
    queue: "com.amazonaws.sqs#InternalError",
  },
} as const;

/** What AWS answers when it is asked too often, or is not well. */
export const throttled = (service: Service): Answer => ({
  status: 400,
  body: { __type: types.throttled[service], message: "Rate exceeded" },
});
export const internalError = (service: Service): Answer => ({
  status: 500,
  body: { __type: types.failed[service], message: "Internal server error" },
});

/** The error that a client makes of such an answer. */
export const errorOf = ({ status, body }: Answer): Error => {
  const { __type, message } = body as { __type: string; message: string };
  return Object.assign(new Error(message), {
    name: __type.slice(__type.indexOf("#") + 1),
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status },
  });
};
