import { timingSafeEqual } from "node:crypto";
import type { Server } from "node:http";
import { secretBytes } from "../adapters/chance.ts";

/** An access key id that nobody can guess: each start of an engine has its own. */
export const newAccessKeyId = (): string => Buffer.from(secretBytes(16)).toString("hex");

/** The access key id with which a request says that it was signed (AWS Signature Version 4). */
const accessKeyIdOf = (authorization: string | undefined): string =>
  /\bCredential=([^/,\s]+)\//.exec(authorization ?? "")?.[1] ?? "";

const isEqual = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/**
 * Lets a server see only the requests that carry an access key id, and answers 403 to every other
 * one, whatever its method and path. The engines themselves check no key and allow every `Origin`,
 * so that any page in a browser on this machine could read and write what they hold.
 */
export const admitOnly = (server: Server, accessKeyId: string): void => {
  const handlers = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (isEqual(accessKeyIdOf(request.headers.authorization), accessKeyId)) {
      for (const handle of handlers) handle.call(server, request, response);
      return;
    }
    response.writeHead(403, { "content-type": "text/plain", connection: "close" });
    response.end("This engine belongs to one Postrider process and answers no other caller.\n");
  });
};
