import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { FinalizeRequestMiddleware, MetadataBearer } from "@smithy/types";

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
  /** The names of the calls made so far, tries of the SDK counted one by one. */
  readonly calls: readonly string[];
};

/** Makes a real client fail as planned, below its own retries. */
export const faultsOf = (...clients: readonly (DynamoDBClient | SQSClient)[]): Faults => {
  const planned: (Fault & { left: number })[] = [];
  const acts: { command: string; act: () => Promise<unknown> }[] = [];
  const calls: string[] = [];
  const take = (command: string, when: Fault["when"], input: Record<string, unknown>) => {
    const fault = planned.find(
      (each) => each.command === command && each.when === when && (each.on?.(input) ?? true),
    );
    if (!fault) return;
    fault.left -= 1;
    if (fault.left === 0) planned.splice(planned.indexOf(fault), 1);
    throw fault.error;
  };
  for (const client of clients) {
    // The two clients' stacks differ in their types only.
    const { middlewareStack } = client as DynamoDBClient;
    const faulty: FinalizeRequestMiddleware<object, MetadataBearer> =
      (next, { commandName = "" }) =>
      async (args) => {
        const command = commandName.replace(/Command$/, "");
        calls.push(command);
        const input = args.input as unknown as Record<string, unknown>;
        const index = acts.findIndex((each) => each.command === command);
        if (index >= 0) await acts.splice(index, 1)[0]?.act();
        take(command, "before", input);
        const result = await next(args);
        take(command, "after", input);
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
    before: (command, act) => acts.push({ command, act }),
    calls,
  };
};
