import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";

/** Secrets Manager as far as `GetSecretValue` goes, on loopback. It knows what it is given. */
export const secretsStandIn = async (secrets: ReadonlyMap<string, string>) => {
  const server = createServer(async (request, response) => {
    const { SecretId } = JSON.parse(await text(request)) as { readonly SecretId: string };
    const SecretString = secrets.get(SecretId);
    response.setHeader("content-type", "application/x-amz-json-1.1");
    if (SecretString === undefined)
      return response.writeHead(400).end('{"__type":"ResourceNotFoundException"}');
    return response.writeHead(200).end(JSON.stringify({ Name: SecretId, SecretString }));
  });
  server.on("connection", (socket: Socket) => socket.unref());
  await once(server.listen(0, "127.0.0.1").unref(), "listening");
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { endpoint: `http://127.0.0.1:${port}`, stop };
};
