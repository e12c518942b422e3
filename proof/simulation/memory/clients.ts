import { ConditionalCheckFailedException, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { tableDescription } from "../../../entities/table.ts";
import { type Fields, type Item, plainOf, rawOf } from "../items.ts";
import type { IndexName } from "../table.ts";
import type { Transaction } from "../transactions.ts";
import { meetsExpression } from "./expressions.ts";
import { requestOfQueue, requestOfTable } from "./requests.ts";
import { orderOf } from "./table.ts";
import { transactWrite } from "./transact.ts";

type Input = {
  readonly IndexName?: IndexName;
  readonly KeyConditionExpression?: string;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
  readonly ExclusiveStartKey?: Item;
  readonly ScanIndexForward?: boolean;
  readonly ConsistentRead?: boolean;
  readonly Limit?: number;
  readonly Key?: Item;
  readonly RequestItems?: Readonly<
    Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean }>
  >;
  readonly ReturnValuesOnConditionCheckFailure?: string;
};
type Key = { readonly pk: string; readonly sk: string };

const keyOf = ({ pk, sk }: Item = {}): Key => ({ pk: String(pk?.["S"]), sk: String(sk?.["S"]) });
/** Items are never changed: each is written down once. */
const raws = new WeakMap<Fields, Item>();
const rawOnce = (item: Fields): Item => {
  const known = raws.get(item) ?? rawOf(item);
  raws.set(item, known);
  return known;
};

const placeholdersOf = (input: Input) => ({
  names: input.ExpressionAttributeNames ?? {},
  values: plainOf(input.ExpressionAttributeValues ?? {}),
});

/** What an entry of an index has: the keys of it, and of the table. */
const projected = (item: Fields, index: IndexName): Item => {
  const { pk, sk } = tableDescription.indexes[index];
  const names = ["pk", "sk", pk, sk];
  return rawOf(Object.fromEntries(names.map((name) => [name, item[name]])));
};

const query = (input: Input): Promise<object> => {
  const { IndexName: index, KeyConditionExpression: condition = "", Limit = Infinity } = input;
  if (!index || "FilterExpression" in input) throw new Error("No such query is made here");
  const placeholders = placeholdersOf(input);
  const { pk } = tableDescription.indexes[index];
  // "#pk = :partition AND …"
  const [, partition = ""] = /#pk = (:\w+)/.exec(condition) ?? [];
  if (placeholders.names["#pk"] !== pk) throw new Error("No such query is made here");
  const request = { operation: "Query", index, isOldAllowed: true, isOldItemAsked: false };
  return requestOfTable(request, (table, { staleMs }, { pageMax }) => {
    const inOrder = orderOf(index);
    const start = input.ExclusiveStartKey && plainOf(input.ExclusiveStartKey);
    const isDown = input.ScanIndexForward === false;
    const isAfterStart = (item: Fields): boolean =>
      !start || (isDown ? inOrder(item, start) < 0 : inOrder(item, start) > 0);
    const all = table
      .indexed(index, String(placeholders.values[partition]), staleMs)
      .filter((item) => isAfterStart(item) && meetsExpression(condition, item, placeholders));
    const limit = index === "due" ? Math.min(Limit, pageMax) : Limit;
    const found = (isDown ? all.toReversed() : all).slice(0, limit);
    const Items = found.map((item) => projected(item, index));
    // DynamoDB says that there may be more as soon as a page is full.
    return { Items, ...(found.length >= limit && { LastEvaluatedKey: Items.at(-1) }) };
  });
};

const batchGet = ({ RequestItems = {} }: Input): Promise<object> => {
  const [[name, asked] = ["", { Keys: [] }]] = Object.entries(RequestItems);
  const request = {
    ...{ operation: "BatchGetItem", keys: asked.Keys.length, isOldItemAsked: false },
    isOldAllowed: asked.ConsistentRead !== true,
  };
  return requestOfTable(request, (table, { staleMs, keysRead = asked.Keys.length }) => {
    const found = asked.Keys.slice(0, keysRead).flatMap((key) => {
      const item = table.get(keyOf(key), staleMs);
      return item ? [item] : [];
    });
    const left = asked.Keys.slice(keysRead);
    return {
      Responses: { [name]: found.map(rawOnce) },
      UnprocessedKeys: left.length > 0 ? { [name]: { ...asked, Keys: left } } : {},
    };
  });
};

const get = ({ Key, ConsistentRead }: Input): Promise<object> => {
  const key = keyOf(Key);
  const isOldAllowed = ConsistentRead !== true;
  const request = { operation: "GetItem", ...key, isOldAllowed, isOldItemAsked: false };
  return requestOfTable(request, (table, { staleMs }) => {
    const item = table.get(key, staleMs);
    return item ? { Item: rawOnce(item) } : {};
  });
};

/** What "SET a = :a, #b = :b" sets. */
const setBy = (text: string, { names, values }: ReturnType<typeof placeholdersOf>): Fields => {
  const [, list] = /^SET ([^()+-]+)$/.exec(text) ?? [];
  if (list === undefined) throw new Error(`Nobody updates so here: ${text}`);
  const pairs = list.split(",").map((each) => each.split("=").map((word) => word.trim()));
  return Object.fromEntries(
    pairs.map(([name = "", value = ""]) => [names[name] ?? name, values[value]]),
  );
};

const update = async (input: Input): Promise<object> => {
  const key = keyOf(input.Key);
  const isOldItemAsked = input.ReturnValuesOnConditionCheckFailure !== undefined;
  const request = { operation: "UpdateItem", ...key, isOldAllowed: false, isOldItemAsked };
  const placeholders = placeholdersOf(input);
  const refused = await requestOfTable(request, (table, { isOldItemShown }) => {
    const item = table.get(key, 0);
    if (item && meetsExpression(input.ConditionExpression ?? "", item, placeholders)) {
      table.write(key, { ...item, ...setBy(input.UpdateExpression ?? "", placeholders) });
      return undefined;
    }
    return { ...(isOldItemAsked && isOldItemShown && item && { Item: rawOnce(item) }) };
  });
  if (!refused) return {};
  throw new ConditionalCheckFailedException({
    ...{ message: "The conditional request failed", $metadata: { httpStatusCode: 400 } },
    ...(refused as { Item?: never }),
  });
};

const operations: Readonly<Record<string, (input: Input) => Promise<object>>> = {
  Query: query,
  BatchGetItem: batchGet,
  GetItem: get,
  UpdateItem: update,
  TransactWriteItems: (input) => transactWrite(input as unknown as Transaction),
};

type Command = { readonly constructor: { readonly name: string }; readonly input: object };

const operationOf = ({ constructor: { name } }: Command): string => name.replace(/Command$/, "");

/** In the place of the client of the table, for what the stores ask it themselves. */
class PlainClient extends DynamoDBClient {
  override send = ((command: Command): Promise<object> => {
    const operation = operations[operationOf(command)];
    if (!operation) throw new Error(`Nobody asks for ${operationOf(command)} here`);
    return operation(command.input as Input);
  }) as never;
}

/** The clients of table and queue that the product gets. Only `send` of them is used. */
export const plainClients = {
  table: new PlainClient({ region: "local" }),
  queue: {
    send: (command: Command) => requestOfQueue(operationOf(command), command.input),
  } as unknown as SQSClient,
};
