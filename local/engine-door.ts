import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import type { Server, ServerResponse } from "node:http";
import { secretBytes } from "../adapters/chance.ts";
import { challengeHeader, proofHeader, proofOf } from "../adapters/operator-proof.ts";
import { foreignReason } from "./foreign-request.ts";

/** An access key id that nobody can guess: each start of an engine has its own. */
export const newAccessKeyId = (): string => Buffer.from(secretBytes(16)).toString("hex");

/** The access key id with which a request says that it was signed (AWS Signature Version 4). */
const accessKeyIdOf = (authorization: string | undefined): string =>
  /\bCredential=([^/,\s]+)\//.exec(authorization ?? "")?.[1] ?? "";

const isEqual = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Who may enter: while it is closed, only those with the other access key id. */
export type Door = {
  readonly repairKeyId: string;
  /** Lets nobody else in any more; resolves when those who were in are answered. */
  readonly close: () => Promise<void>;
  readonly open: () => void;
};

/**
 * Lets a server see only the requests that carry an access key id, and answers 403 to every other
 * one, whatever its method and path. The engines themselves check no key and allow every `Origin`,
 * so that any page in a browser on this machine could read and write what they hold.
 *
 * A challenge is answered with the proof that this is the engine with that access key id.
 */
export const admitOnly = (server: Server, accessKeyId: string): Door => {
  const handlers = server.listeners("request");
  const repairKeyId = newAccessKeyId();
  const underWay = new Set<ServerResponse>();
  let isOpen = true;
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (foreignReason(request.headers, request.socket.localPort) !== undefined) {
      refuse(response);
      return;
    }
    const challenge = request.headers[challengeHeader];
    if (typeof challenge === "string") {
      prove(response, proofOf(accessKeyId, challenge));
      return;
    }
    const key = accessKeyIdOf(request.headers.authorization);
    const isCaller = isEqual(key, accessKeyId);
    if (!isCaller && !isEqual(key, repairKeyId)) {
      refuse(response);
      return;
    }
    if (isCaller && !isOpen) {
      answerUnavailable(response);
      return;
    }
    if (isCaller) {
      underWay.add(response);
      response.once("close", () => underWay.delete(response));
    }
    for (const handle of handlers) handle.call(server, request, response);
  });
  const close = async (): Promise<void> => {
    isOpen = false;
    await Promise.all([...underWay].map((response) => once(response, "close")));
  };
  const open = (): void => {
    isOpen = true;
  };
  return { repairKeyId, close, open };
};

const prove = (response: ServerResponse, proof: Buffer): void => {
  response.writeHead(204, { [proofHeader]: proof.toString("hex"), connection: "close" });
  response.end();
};

const refuse = (response: ServerResponse): void => {
  response.writeHead(403, { "content-type": "text/plain", connection: "close" });
  response.end("This engine belongs to one Postrider process and answers no other caller.\n");
};

/** As DynamoDB answers when it cannot do something for now. */
export const unavailable = {
  statusCode: 500,
  body: {
    __type: "com.amazonaws.dynamodb.v20120810#InternalServerError",
    message: "The files of the embedded table cannot be used for now",
  },
} as const;

const answerUnavailable = (response: ServerResponse): void => {
  response.writeHead(unavailable.statusCode, { "content-type": "application/x-amz-json-1.0" });
  response.end(JSON.stringify(unavailable.body));
};
