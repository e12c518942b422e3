import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { FinalizeRequestMiddleware, MetadataBearer, RetryStrategyV2 } from "@smithy/types";

/** A fault of a table or a queue: which call, how often, and whether it was carried out first. */
export type Fault = {
  readonly command: string;
  readonly when: "before" | "after";
  readonly error: Error;
  /** Only the calls whose input this is true of. */
  readonly on?: (input: Record<string, unknown>) => boolean;
  readonly times?: number;
};

/** An error as AWS answers it. Only some are tried again by the SDK. */
export const awsError = (name: string, status = 400): Error =>
  Object.assign(new Error(`${name}: a detail from within, arn:aws:iam::123456789012`), {
    name,
    $fault: status < 500 ? "client" : "server",
    $metadata: { httpStatusCode: status },
  });

export type Faults = {
  readonly inject: (fault: Fault) => void;
  /** Runs something when a call is about to be made: another actor that is faster. */
  readonly before: (command: string, act: () => Promise<unknown>) => void;
  /** Makes something else of the next answer to a call. */
  readonly alter: (command: string, change: (output: never) => object) => void;
  /** The names of the calls made so far, tries of the SDK counted one by one. */
  readonly calls: readonly string[];
  /** What was asked in the calls of one name so far, tries counted one by one. */
  readonly inputs: (command: string) => readonly Record<string, unknown>[];
  /** Takes back every fault that is still planned. */
  readonly clear: () => void;
};

/** What the SDK repeats and how often, without its pauses and without its quota of repeats. */
const repeatedAtOnce: RetryStrategyV2 = {
  acquireInitialRetryToken: async () => token(0),
  refreshRetryTokenForRetry: async (before, { errorType }) => {
    const isLast = before.getRetryCount() === 2;
    if (isLast || !["THROTTLING", "TRANSIENT"].includes(errorType))
      throw new Error("This is not to be repeated");
    return token(before.getRetryCount() + 1);
  },
  recordSuccess: () => {},
};
const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/** Makes a real client fail as planned, below its own retries. */
export const faultsOf = (...clients: readonly (DynamoDBClient | SQSClient)[]): Faults => {
  const planned: (Fault & { left: number })[] = [];
  const acts: { command: string; act: () => Promise<unknown> }[] = [];
  const alterations: { command: string; change: (output: never) => object }[] = [];
  const calls: string[] = [];
  const asked: { command: string; input: Record<string, unknown> }[] = [];
  const take = (command: string, when: Fault["when"], input: Record<string, unknown>) => {
    const fault = planned.find(
      (each) => each.command === command && each.when === when && (each.on?.(input) ?? true),
    );
    if (!fault) return;
    fault.left -= 1;
    if (fault.left === 0) planned.splice(planned.indexOf(fault), 1);
    // A new one each time, as the SDK's are: the layers above write on it.
    throw Object.assign(new Error(fault.error.message), { ...fault.error });
  };
  for (const client of clients) {
    // The two clients' stacks differ in their types only.
    const { middlewareStack, config } = client as DynamoDBClient;
    config.retryStrategy = async () => repeatedAtOnce;
    const faulty: FinalizeRequestMiddleware<object, MetadataBearer> =
      (next, { commandName = "" }) =>
      async (args) => {
        const command = commandName.replace(/Command$/, "");
        calls.push(command);
        const input = args.input as unknown as Record<string, unknown>;
        asked.push({ command, input });
        const index = acts.findIndex((each) => each.command === command);
        if (index >= 0) await acts.splice(index, 1)[0]?.act();
        take(command, "before", input);
        const result = await next(args);
        take(command, "after", input);
        const altered = alterations.findIndex((each) => each.command === command);
        if (altered >= 0) {
          const change = alterations.splice(altered, 1)[0]?.change;
          return { ...result, output: { ...result.output, ...change?.(result.output as never) } };
        }
        return result;
      };
    middlewareStack.addRelativeTo(faulty as never, {
      relation: "after",
      toMiddleware: "retryMiddleware",
      name: "faults",
    });
  }
  return {
    inject: (fault) => planned.push({ ...fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    alter: (command, change) => alterations.push({ command, change }),
    before: (command, act) => acts.push({ command, act }),
    calls,
    inputs: (command) => asked.flatMap((each) => (each.command === command ? [each.input] : [])),
    clear: () => {
      planned.length = 0;
      acts.length = 0;
    },
  };
};
