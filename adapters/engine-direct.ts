import {
  BatchGetItemCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asJson, callInProcess, type EngineAnswer, type EngineCall } from "./engine-call.ts";

/** The commands that are sent often, by their classes. */
const direct: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [BatchGetItemCommand, "BatchGetItem"],
  [DeleteItemCommand, "DeleteItem"],
  [GetItemCommand, "GetItem"],
  [PutItemCommand, "PutItem"],
  [QueryCommand, "Query"],
  [UpdateItemCommand, "UpdateItem"],
]);

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));

/** An attribute value and an item as JSON carries them: bytes in base64. */
type Value = {
  B?: string | Uint8Array;
  BS?: (string | Uint8Array)[];
  readonly L?: readonly Value[];
  readonly M?: Item;
};
type Item = Readonly<Record<string, Value>>;

/** Where a successful answer has items and keys of items (Amazon DynamoDB, responses of its API). */
type Body = {
  readonly Attributes?: Item;
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly LastEvaluatedKey?: Item;
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys: readonly Item[] }>>;
};

const ofText = (value: string | Uint8Array) => (typeof value === "string" ? bytesOf(value) : value);

/** Puts bytes in the place of their base64 in an item. A walk of everything would take longer. */
const giveBytes = (item: Item | undefined): void => {
  for (const name in item) giveValueBytes(item[name] as Value);
};
const giveValueBytes = (value: Value): void => {
  if (value.B !== undefined) value.B = ofText(value.B);
  else if (value.BS !== undefined) value.BS = value.BS.map(ofText);
  else if (value.L !== undefined) for (const each of value.L) giveValueBytes(each);
  else giveBytes(value.M);
};

const withBytes = (body: Body): void => {
  giveBytes(body.Attributes);
  giveBytes(body.Item);
  giveBytes(body.LastEvaluatedKey);
  body.Items?.forEach(giveBytes);
  for (const table in body.Responses) body.Responses[table]?.forEach(giveBytes);
  for (const table in body.UnprocessedKeys) body.UnprocessedKeys[table]?.Keys.forEach(giveBytes);
};

const $metadata = { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 };

type Command = { readonly input: object };
type Send = (command: Command, options?: object) => Promise<object>;

/**
 * Makes a client call an engine in this process, the frequent commands past the SDK's middlewares:
 * they take longer than the engine does. An answer other than success goes through them, so that
 * errors, their names and what is tried again are as ever.
 */
export const callDirectly = (client: DynamoDBClient, call: EngineCall): void => {
  const answered = new WeakMap<object, EngineAnswer>();
  callInProcess(client, call, answered);
  const send = client.send.bind(client) as unknown as Send;
  const sendDirectly: Send = async (command, options) => {
    const operation = direct.get(command.constructor);
    if (operation === undefined || options !== undefined) return send(command, options);
    const { input } = command;
    const answer = await call(operation, asJson(input) as object, true);
    if (answer.statusCode === 200) {
      withBytes(answer.body);
      return { ...answer.body, $metadata };
    }
    answered.set(input, answer);
    return send(command);
  };
  Object.assign(client, { send: sendDirectly });
};
