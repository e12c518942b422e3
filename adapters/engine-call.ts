import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/**
 * The answer of an engine: the status and the JSON value that DynamoDB's protocol has for it. Of a
 * success it is the caller's, who may change it.
 */
export type EngineAnswer = { readonly statusCode: number; readonly body: object };

/**
 * Calls an operation of an engine in this process, such as `PutItem`. Rejects only if it cannot answer.
 * An input `isTyped` if the compiler has seen that it has the members and types of the operation: the
 * engine then judges its values only.
 */
export type EngineCall = (
  operation: string,
  input: object,
  isTyped?: boolean,
) => Promise<EngineAnswer>;

/** The parts of the SDK's protocol that are replaced or used here. */
type Protocol = {
  serializeRequest: (operation: Operation, input: object) => Promise<Request>;
  deserializeResponse: (
    operation: Operation,
    context: object,
    answer: EngineAnswer,
  ) => Promise<object>;
  readonly handleError: (
    operation: Operation,
    context: object,
    answer: EngineAnswer & { readonly headers: object },
    body: object,
    metadata: object,
  ) => Promise<never>;
  readonly getPayloadCodec: () => {
    readonly createDeserializer: () => {
      readonly readObject: (schema: unknown, body: object) => object;
    };
  };
};
type Operation = { readonly name: string; readonly output: unknown };
type Request = { readonly operation: string; readonly input: object };

/**
 * Returns a copy of an input as JSON would carry it: bytes in base64, nothing that is undefined.
 */
export const asJson = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(asJson);
  const copy: Record<string, unknown> = {};
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (member !== undefined && member !== null) copy[name] = asJson(member);
  }
  return copy;
};

/** Middlewares that only matter to a request over the network. */
const ofTheNetwork = [
  ...["userAgentMiddleware", "getUserAgentMiddleware", "recursionDetectionMiddleware"],
  ...["contentLengthMiddleware", "hostHeaderMiddleware", "httpAuthSchemeMiddleware"],
  ...["httpSigningMiddleware", "loggerMiddleware"],
];

/**
 * Makes a client call an engine in this process: no socket, no signature, and no text of JSON in
 * between. Its retries, its errors and the middlewares that are added to it work as before.
 */
export const callInProcess = (
  client: DynamoDBClient,
  call: EngineCall,
  /** An answer that an input has got already. */
  answered: WeakMap<object, EngineAnswer> = new WeakMap(),
): void => {
  const config = client.config as unknown as { protocol: Protocol; requestHandler: object };
  const { protocol } = config;
  protocol.serializeRequest = async ({ name }, input) => ({ operation: name, input });
  protocol.deserializeResponse = async (operation, context, answer) => {
    const { statusCode, body } = answer;
    const $metadata = { httpStatusCode: statusCode };
    if (statusCode >= 300)
      return protocol.handleError(operation, context, { ...answer, headers: {} }, body, $metadata);
    const reader = protocol.getPayloadCodec().createDeserializer();
    return { ...reader.readObject(operation.output, body), $metadata };
  };
  config.requestHandler = {
    handle: async ({ operation, input }: Request) => {
      const known = answered.get(input);
      answered.delete(input);
      // A copy for each try, which the engine may change.
      return { response: known ?? (await call(operation, asJson(input) as object)) };
    },
    destroy: () => {},
  };
  for (const name of ofTheNetwork) client.middlewareStack.remove(name);
};
