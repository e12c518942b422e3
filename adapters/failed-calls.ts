import type { InitializeMiddleware, MetadataBearer, MiddlewareStack } from "@smithy/types";

/** A failed call: its operation, and the table, queue or secret that it went to. */
export type FailedCall = { readonly operation: string; readonly dependency?: string };

/** Kept beside the errors of the SDK, which stay unchanged. */
const calls = new WeakMap<object, FailedCall>();

/** Returns the call that caused an error, if its client names its calls. */
export const failedCallOf = (error: object): FailedCall | undefined => calls.get(error);

/**
 * The part of a command's input that names its table, queue or secret. Never a key, item or body.
 */
type Input = {
  readonly TableName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly QueueUrl?: string;
  readonly QueueName?: string;
  readonly SecretId?: string;
};

const dependencyOf = ({ TableName, RequestItems, QueueUrl, QueueName, SecretId }: Input) =>
  TableName ??
  (RequestItems && Object.keys(RequestItems).join(",")) ??
  QueueUrl?.split("/").at(-1) ??
  QueueName ??
  SecretId;

const naming: InitializeMiddleware<object, MetadataBearer> =
  (next, { commandName = "unknown" }) =>
  async (args) => {
    try {
      return await next(args);
    } catch (error) {
      const call = {
        operation: commandName.replace(/Command$/, ""),
        dependency: dependencyOf(args.input as Input),
      };
      if (typeof error === "object" && error !== null) calls.set(error, call);
      throw error;
    }
  };

/** Makes `failureFields` log the operation and dependency of each failed call of a client. */
export const nameFailedCalls = <Input extends object, Output extends object>(client: {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}): void => {
  client.middlewareStack.add(naming as never, {
    step: "initialize",
    priority: "high",
    name: "failedCalls",
  });
};
