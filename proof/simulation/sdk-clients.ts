import { type Call, type Carrier, carriedClients } from "./clients.ts";
import { connectionLost, internalError, throttled } from "./failures.ts";
import type { Item } from "./items.ts";
import {
  aboutOf,
  aboutSent,
  entered,
  leewayFor,
  nameOf,
  type Outside,
  pause,
  type TableRequest,
} from "./outside.ts";
import type { Answer, MemoryTable } from "./table.ts";
import { cancelled, type Transact, type Transaction } from "./transactions.ts";

/** The table of the run that is going on. */
let table: MemoryTable | undefined;
export const enterTable = (own: MemoryTable): void => {
  table = own;
};

let transact: Transact | undefined;
export const enterTransactions = (own: Transact): void => {
  transact = own;
};

const isConsistent = (input: Call["input"]): boolean =>
  [input, ...Object.values(Object(input["RequestItems"]))].some(
    (asked) => (asked as { ConsistentRead?: boolean }).ConsistentRead === true,
  );

const reads = ["GetItem", "BatchGetItem", "Query"];

/** What is asked for, as the SDK has written it for the network. */
const requestOf = ({ operation, input }: Call): TableRequest => {
  const puts = input["TransactItems"] as Transaction["TransactItems"] | undefined;
  const item = (puts?.at(-1)?.Put.Item ?? input["Item"]) as Item | undefined;
  const { pk, sk } = ((input["Key"] ?? item) as Item | undefined) ?? {};
  const [asked] = Object.values(Object(input["RequestItems"])) as { Keys: readonly Item[] }[];
  return {
    operation,
    kind: item?.["__edb_e__"]?.["S"] as string | undefined,
    pk: pk?.["S"] as string | undefined,
    sk: sk?.["S"] as string | undefined,
    index: input["IndexName"] as string | undefined,
    isOldAllowed: reads.includes(operation) && !isConsistent(input),
    isOldItemAsked: input["ReturnValuesOnConditionCheckFailure"] !== undefined,
    keys: asked?.Keys.length,
  };
};

/** DynamoDB may end a page before the limit that was asked for. */
const paged = ({ operation, input }: Call, pageMax: number): Call["input"] =>
  operation === "Query" && input["IndexName"] === "due"
    ? { ...input, Limit: Math.min(Number(input["Limit"]), pageMax) }
    : input;

/** DynamoDB may leave some of a batch for later, and says which. */
const withKeysLeft = (input: Call["input"], { body }: Answer, keysRead: number): Answer => {
  const [[name, asked]] = Object.entries(input["RequestItems"] as object) as [
    [string, { Keys: Item[] }],
  ];
  const left = asked.Keys.slice(keysRead);
  const keys = left.map(({ pk }) => pk?.["S"]);
  const { Responses } = body as { Responses: Record<string, readonly Item[]> };
  const found = (Responses[name] ?? []).filter(({ pk }) => !keys.includes(pk?.["S"]));
  return {
    status: 200,
    body: { Responses: { [name]: found }, UnprocessedKeys: { [name]: { ...asked, Keys: left } } },
  };
};

const callTable = (run: Outside, call: Call, request: TableRequest): Answer => {
  if (!table) throw new Error("No run over this table is going on");
  if (call.operation === "TransactWriteItems") {
    const reasons = transact?.(call.input as unknown as Transaction);
    return reasons ? cancelled(reasons) : { status: 200, body: {} };
  }
  const input = paged(call, run.pageMax);
  const leeway = leewayFor(run, request);
  const answer = table.call(call.operation, input, leeway);
  return leeway.keysRead === undefined ? answer : withKeysLeft(input, answer, leeway.keysRead);
};

const entriesOf = ({ input }: Call) =>
  (input["Entries"] ?? [input]) as readonly { MessageBody: string; DelaySeconds?: number }[];

const carry: Carrier = (call) => {
  const run = entered();
  const { operation, input, service } = call;
  const request = requestOf(call);
  const isOfTable = service === "table";
  return run.world.ask<Answer>({
    port: service,
    name: isOfTable ? nameOf(request) : operation,
    about: isOfTable ? aboutOf(request) : aboutSent(entriesOf(call)),
    perform: (finish) =>
      finish(
        isOfTable
          ? callTable(run, call, request)
          : run.queue.call(operation, input, () => run.world.happens("entry-failed", operation)),
      ),
    lost: () => ({ error: connectionLost() }),
    throttled: () => throttled(service),
    failed: () => internalError(service),
  });
};

/** The product's clients of table and queue. */
export const clients = carriedClients(carry, pause);
