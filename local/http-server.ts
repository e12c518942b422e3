import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

export type HttpServer = { readonly url: string; readonly stop: () => Promise<void> };

/**
 * Listens on the loopback interface only: the local edition has no TLS. Rejects if the port is
 * taken. `stop` refuses new connections at once and gives those that are open `drainMs`.
 */
export const startHttpServer = async ({
  fetch,
  port,
  drainMs,
}: {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly port: number;
  readonly drainMs: number;
}): Promise<HttpServer> => {
  const server = createAdaptorServer({ fetch });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const cut = setTimeout(
      () => "closeAllConnections" in server && server.closeAllConnections(),
      drainMs,
    );
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    clearTimeout(cut);
  };
  return { url: `http://127.0.0.1:${address.port}`, stop };
};
