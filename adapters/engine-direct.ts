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

/** Puts bytes in the place of their base64, which JSON carries. Only a value has a text named `B`. */
const withBytes = (node: unknown): void => {
  if (typeof node !== "object" || node === null) return;
  const members = node as Record<string, unknown>;
  for (const name in members) {
    const member = members[name];
    if (name === "B" && typeof member === "string") members[name] = bytesOf(member);
    else if (name === "BS" && Array.isArray(member)) members[name] = member.map(bytesOf);
    else withBytes(member);
  }
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
