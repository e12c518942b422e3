/**
 * Answers of DynamoDB and SQS at once, in place of the SDK's HTTP: what is left is what the client's
 * own process does for a call. Messages are told apart by nothing: each change of state gets the same
 * item back, in the state before or after it, as the call asks for.
 */

import { createHash } from "node:crypto";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { EngineCall } from "../adapters/engine-call.ts";
import type { Calls } from "./open-flow.ts";

type Request = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};
type Item = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder();
const textOf = (body: Request["body"]): string =>
  typeof body === "string" ? body : decoder.decode(body);

type AnswerTo = (operation: string, text: string) => string | Promise<string>;

const handlerOf = (calls: Calls, answerTo: AnswerTo) => ({
  handle: async ({ headers, body }: Request) => {
    const operation = headers["x-amz-target"]?.split(".").at(-1) ?? "";
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const answer = Buffer.from(await answerTo(operation, textOf(body)));
    const type = { "content-type": "application/x-amz-json-1.0" };
    return { response: { statusCode: 200, headers: type, body: answer } };
  },
  destroy: () => {},
});

/** The state that a change leads to, and the fields of the item before and after it. */
const stateOf = (text: string): "enqueue" | "claim" | "complete" => {
  if (text.includes('"COMPLETED"')) return "complete";
  return text.includes('"PROCESSING"') ? "claim" : "enqueue";
};

const readBy = async (engine: EngineCall, text: string): Promise<string> =>
  JSON.stringify((await engine("GetItem", JSON.parse(text))).body);

const inState = (item: Item, status: string, attempts: number): string =>
  JSON.stringify({
    Attributes: { ...item, status: { S: status }, attempts: { N: `${attempts}` } },
  });

/**
 * Has a client of the table answered at once. The first put is the item that all answers are of. What
 * is read, once a minute, comes from an engine.
 */
export const stubTable = (client: DynamoDBClient, calls: Calls, engine: EngineCall): void => {
  const answers = new Map<string, string>();
  const learn = (text: string): void => {
    const { Item: item } = JSON.parse(text) as { Item: Item };
    answers.set("enqueue", inState(item, "PENDING", 0));
    answers.set("claim", inState(item, "QUEUED", 0));
    answers.set("complete", inState(item, "PROCESSING", 1));
    answers.set("claim, new", inState(item, "PROCESSING", 1));
  };
  client.config.requestHandler = handlerOf(calls, (operation, text) => {
    if (operation === "PutItem" && answers.size === 0) learn(text);
    if (operation === "GetItem") return readBy(engine, text);
    if (operation !== "UpdateItem") return "{}";
    const isNew = text.includes('"ALL_NEW"') && text.includes("ConditionExpression");
    if (isNew) return answers.get("claim, new") ?? "{}";
    return text.includes('"ReturnValues":"ALL_OLD"') ? (answers.get(stateOf(text)) ?? "{}") : "{}";
  }) as never;
};

/** Has a client of the queue answered at once. `onRecord` gets the bodies of the records. */
export const stubQueue = (
  client: SQSClient,
  calls: Calls,
  onRecord: (body: string) => void,
): void => {
  client.config.requestHandler = handlerOf(calls, (_, text) => {
    const { MessageBody = "" } = JSON.parse(text) as { MessageBody?: string };
    onRecord(MessageBody);
    // The client checks the hash.
    const MD5OfMessageBody = createHash("md5").update(MessageBody).digest("hex");
    return JSON.stringify({ MessageId: "record", MD5OfMessageBody });
  }) as never;
};
