import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { EngineAnswer, EngineCall } from "../adapters/engine-call.ts";

/** The prefix of an operation in the header that names it. */
const service = "DynamoDB_20120810.";

const notUnderstood: EngineAnswer = {
  statusCode: 400,
  body: { __type: "com.amazon.coral.service#SerializationException" },
};

const inputOf = async (request: IncomingMessage): Promise<object | undefined> => {
  try {
    const input = await json(request);
    return typeof input === "object" && input !== null ? input : undefined;
  } catch {
    // No JSON, or a caller who hangs up halfway.
    return undefined;
  }
};

/**
 * Makes an HTTP server that speaks DynamoDB's protocol for an engine, to operators' commands on this
 * machine. It listens on nothing until told to, and checks nobody: see `admitOnly`.
 */
export const engineServer = (call: EngineCall): Server => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = String(request.headers["x-amz-target"] ?? "");
    const operation = target.startsWith(service) ? target.slice(service.length) : "";
    const input = await inputOf(request);
    const { statusCode, body } = input ? await call(operation, input) : notUnderstood;
    response.writeHead(statusCode, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(body));
  };
  return createServer((request, response) => void answer(request, response));
};
