import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import { foreignReason } from "./foreign-request.ts";
import { forbidden, refusal } from "./refusal.ts";

export type HttpServer = { readonly url: string; readonly stop: () => Promise<void> };

/** `address` is the one that the request came from. */
type Fetch = (
  request: Request,
  bindings: { readonly address: string | undefined },
) => Response | Promise<Response>;

/**
 * How long a request may take to arrive, and its headers: a sender that stops in the middle would
 * hold its place for ever. How often Node looks whether one has.
 */
const requestMsMax = 30_000;
const headersMsMax = 10_000;
const checkEveryMs = 5000;

/** Longer than callers keep a connection: their next request must not meet its end. */
const keptMs = 65_000;

/**
 * Listens on the loopback interface only: the local edition has no TLS. Rejects if the port is
 * taken.
 *
 * `stop` takes no connection any more, closes those on which nothing is under way, and resolves as
 * soon as the rest are answered, which takes `drainMs` at most. A request that a kept connection
 * brings meanwhile is refused: what it submits could not be delivered any more.
 */
export const startHttpServer = async ({
  fetch,
  port,
  drainMs,
  restMs = 500,
  arrival = { headersMs: headersMsMax, requestMs: requestMsMax, checkEveryMs },
}: {
  readonly fetch: Fetch;
  readonly port: number;
  readonly drainMs: number;
  /** How long the rest is still read of a request whose answer is known before it has ended. */
  readonly restMs?: number;
  /** How long headers, and the whole request, may take to arrive; 408 and the end after that. */
  readonly arrival?: {
    readonly headersMs: number;
    readonly requestMs: number;
    readonly checkEveryMs: number;
  };
}): Promise<HttpServer> => {
  const connections = trackConnections();
  let isStopping = false;
  const answer = answering(fetch, restMs);
  const times = {
    keepAliveTimeout: keptMs,
    headersTimeout: arrival.headersMs,
    requestTimeout: arrival.requestMs,
    connectionsCheckingInterval: arrival.checkEveryMs,
  };
  const server = createServer(times, (request, response) => {
    connections.began(request.socket, response);
    const foreign = foreignReason(request.headers, request.socket.localPort);
    if (foreign !== undefined) refuse(response, forbidden(foreign));
    else if (isStopping) refuse(response, refusal("This process is stopping"));
    else answer(request, response);
  });
  server.on("connection", connections.opened);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  const stop = async (): Promise<void> => {
    isStopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.finish();
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    await closed;
    clearTimeout(cut);
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
};

/** Knows of each connection which answers are still to be given on it. */
const trackConnections = () => {
  const open = new Map<Socket, Set<ServerResponse>>();
  let isFinishing = false;

  const opened = (socket: Socket): void => {
    open.set(socket, new Set());
    socket.once("close", () => open.delete(socket));
  };
  const began = (socket: Socket, response: ServerResponse): void => {
    const underWay = open.get(socket);
    underWay?.add(response);
    response.once("close", () => {
      underWay?.delete(response);
      // Needed where the answer had begun before, and so had promised to keep the connection.
      if (isFinishing && underWay?.size === 0) socket.destroySoon();
    });
  };
  /** Node itself closes some, but waits for those that never brought a request. */
  const finish = (): void => {
    isFinishing = true;
    for (const [socket, underWay] of open) {
      if (underWay.size === 0) socket.destroy();
      for (const response of underWay) closeAfter(response);
    }
  };
  return { opened, began, finish };
};

const closeAfter = (response: ServerResponse): void => {
  if (!response.headersSent) response.setHeader("connection", "close");
};

const refuse = (
  response: ServerResponse,
  { status, headers, body }: ReturnType<typeof forbidden>,
): void => {
  const contentLength = Buffer.byteLength(body);
  response.writeHead(status, { ...headers, "content-length": contentLength, connection: "close" });
  response.end(body);
};

/**
 * Answers with what `fetch` resolves to. Where that comes before the request has ended, as of one
 * that is too large, the connection is closed afterwards, for nobody reads the rest as a request.
 */
const answering = (fetch: Fetch, restMs: number) =>
  getRequestListener(async (request, env) => {
    const { incoming, outgoing } = env as { incoming: IncomingMessage; outgoing: ServerResponse };
    const response = await fetch(request, { address: incoming.socket.remoteAddress });
    if (!incoming.complete) {
      closeAfter(outgoing);
      // First, for a connection that is closed with something unread takes the answer along.
      await discardRest(incoming, restMs);
    }
    return response;
  });

const discardRest = async (incoming: IncomingMessage, restMs: number): Promise<void> => {
  const over = new AbortController();
  for (const end of ["end", "error", "close"]) incoming.once(end, () => over.abort());
  // Whoever read so far would keep what comes, and pause it.
  incoming.removeAllListeners("data").resume();
  await sleep(restMs, undefined, { signal: over.signal }).catch(() => {});
};
