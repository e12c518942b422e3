import { timingSafeEqual } from "node:crypto";
import type { Server, ServerResponse } from "node:http";
import { secretBytes } from "../adapters/chance.ts";
import { challengeHeader, proofHeader, proofOf } from "../adapters/operator-proof.ts";
import { foreignReason } from "./foreign-request.ts";

/** Returns an access key id that nobody can guess: each start of an engine has its own. */
export const newAccessKeyId = (): string => Buffer.from(secretBytes(16)).toString("hex");

/**
 * Returns the access key id with which a request says that it was signed (AWS Signature Version 4).
 */
const accessKeyIdOf = (authorization: string | undefined): string =>
  /\bCredential=([^/,\s]+)\//.exec(authorization ?? "")?.[1] ?? "";

const isEqual = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/**
 * Lets a server see only the requests that carry an access key id, and answers 403 to every other
 * one, whatever its method and path. The engines themselves check no key and allow every `Origin`,
 * so that any page in a browser on this machine could read and write what they hold.
 *
 * A challenge is answered with the proof that this is the engine with that access key id.
 */
export const admitOnly = (server: Server, accessKeyId: string): void => {
  const handlers = server.listeners("request");
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
    if (!isEqual(accessKeyIdOf(request.headers.authorization), accessKeyId)) {
      refuse(response);
      return;
    }
    for (const handle of handlers) handle.call(server, request, response);
  });
};

const prove = (response: ServerResponse, proof: Buffer): void => {
  response.writeHead(204, { [proofHeader]: proof.toString("hex"), connection: "close" });
  response.end();
};

const refuse = (response: ServerResponse): void => {
  response.writeHead(403, { "content-type": "text/plain", connection: "close" });
  response.end("This engine belongs to one Postrider process and answers no other caller.\n");
};
