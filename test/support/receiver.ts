import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as a target saw it. */
export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly at: number;
};
export type Answer = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
};

/** A target on loopback that answers as it is told; `attempt` counts from 1 for each message. */
export const openReceiver = async (
  answer: (seen: Seen, attempt: number) => Answer | Promise<Answer> = () => ({ status: 200 }),
) => {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one: Seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      body: Buffer.concat(chunks),
      at: Date.now(),
    };
    seen.push(one);
    const id = one.headers["webhook-id"];
    const attempt = seen.filter(({ headers }) => headers["webhook-id"] === id).length;
    const { status, headers, body } = await answer(one, attempt);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    of: (messageId: string) =>
      seen.filter(({ headers }) => headers["postrider-message-id"] === messageId),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
