import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { parseCidr } from "../../domain/address.ts";
import type { OutgoingRequest } from "../../domain/request.ts";
import type { TargetPolicy } from "../../domain/target-url.ts";

const root = join(import.meta.dirname, "../..");

/** What an operator permits. */
export const policyOf = (
  http: TargetPolicy["http"],
  ...ranges: readonly string[]
): TargetPolicy => ({
  http,
  allowed: ranges.map((range) => {
    const cidr = parseCidr(range);
    if (!cidr) throw new Error(`Not a range of addresses: ${range}`);
    return cidr;
  }),
});

/** As in the local edition, and plain http for names too. */
export const loopbackOpen = policyOf("always", "127.0.0.0/8");

/** A request without headers and body, unless the overrides give some. */
export const aDelivery = (
  url: string,
  overrides: Partial<OutgoingRequest> = {},
): OutgoingRequest => ({ url, method: "POST", headers: {}, body: null, ...overrides });

/** What a server does with each request, once it has its head; `count` is 1 for the first. */
export type Behaviour = (socket: Socket, count: number) => void;

const requestLine = /^[A-Z]+ \S+ HTTP\/1\.1\r$/gm;

/** A server on loopback that says what it likes, byte by byte. With `tls` it does so inside TLS. */
export const openHostile = async (
  behave: Behaviour,
  {
    tls,
    host = "127.0.0.1",
    port = 0,
    greet = () => {},
  }: {
    readonly tls?: TlsOptions;
    readonly host?: string;
    readonly port?: number;
    /** What it does with each connection, before there is a request. */
    readonly greet?: (socket: Socket) => void;
  } = {},
) => {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  const talk = (socket: Socket): void => {
    let text = "";
    let heads = 0;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const lines = text.match(requestLine) ?? [];
      for (const line of lines.slice(heads)) {
        heads += 1;
        requests.push(line.trimEnd());
        behave(socket, requests.length);
      }
    });
  };
  const server = tls ? createTlsServer(tls, talk) : createServer(talk);
  server.on("tlsClientError", () => {});
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket.unref());
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    greet(socket);
  });
  // A test that fails before it closes the server is not to keep its process alive.
  server.listen(port, host).unref();
  await once(server, "listening");
  const { port: listening } = server.address() as AddressInfo;
  const scheme = tls ? "https" : "http";
  return {
    port: listening,
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${listening}/`,
    /** The request lines that came in, over all connections. */
    requests: requests as readonly string[],
    connections: () => connections,
    /** Resolves when no connection is left, whoever closes it. */
    quiet: async () => {
      const closed = (socket: Socket) =>
        new Promise<void>((end) => socket.once("close", () => end()));
      await Promise.all([...sockets].map(closed));
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
};
export type HostileServer = Awaited<ReturnType<typeof openHostile>>;

/** One turn of the event loop, after which the client takes a connection for another request. */
export const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

/** Writes something again and again, as long as somebody is there. */
export const drip = (socket: Socket, bytes: string | Uint8Array, everyMs = 5): void => {
  const timer = setInterval(() => socket.write(bytes), everyMs).unref();
  socket.once("close", () => clearInterval(timer));
};

/** Writes as fast as it is read, without an end. */
export const flood = (socket: Socket, bytes: Uint8Array): void => {
  const pour = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", pour);
  pour();
};

/** A plain answer of 200 after which the connection may be used again. */
export const fine = (socket: Socket): void => {
  socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
};

/**
 * Runs TypeScript in a process of its own, which connects nowhere but to loopback, and reads what
 * it prints as JSON. Imports are relative to the root of the project.
 */
export const inChild = async (
  script: string,
  environment: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<unknown> => {
  const child = spawn(
    process.execPath,
    [
      ...["--disable-warning=ExperimentalWarning", "--import", "./test/support/loopback-only.ts"],
      ...flags,
      ...["--input-type=module-typescript", "--eval", script],
    ],
    { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] },
  );
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The process failed:\n${Buffer.concat(complaints)}`);
  return JSON.parse(Buffer.concat(output).toString());
};
