import type { InitializeMiddleware, MetadataBearer, MiddlewareStack } from "@smithy/types";

/** A call that failed: what was asked, and of which table, queue or secret. */
export type FailedCall = { readonly operation: string; readonly dependency?: string };

/** Kept beside the errors, which are of the SDK: nothing of theirs is changed. */
const calls = new WeakMap<object, FailedCall>();

/** Returns the call that an error came of, if it was made by a client that names its calls. */
export const failedCallOf = (error: object): FailedCall | undefined => calls.get(error);

/** As much of the input of a command as names what it goes to; never a key, an item or a body. */
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

/** Makes every failed call of a client say what it was, for `failureFields` to log. */
export const nameFailedCalls = <Input extends object, Output extends object>(client: {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}): void => {
  client.middlewareStack.add(naming as never, {
    step: "initialize",
    priority: "high",
    name: "failedCalls",
  });
};
