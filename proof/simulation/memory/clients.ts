import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { tableDescription } from "../../../entities/table.ts";
import { type Fields, type Item, plainOf, rawOf } from "../items.ts";
import type { IndexName } from "../table.ts";
import type { Transaction } from "../transactions.ts";
import { meetsExpression } from "./expressions.ts";
import { type Input, keyOf, placeholdersOf, rawOnce } from "./notation.ts";
import { write } from "./raw-writes.ts";
import { requestOfQueue, requestOfTable } from "./requests.ts";
import { orderOf } from "./table.ts";
import { transactWrite } from "./transact.ts";

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

const operations: Readonly<Record<string, (input: Input) => Promise<object>>> = {
  Query: query,
  BatchGetItem: batchGet,
  GetItem: get,
  PutItem: (input) => write("PutItem", input),
  UpdateItem: (input) => write("UpdateItem", input),
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
