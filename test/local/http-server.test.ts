import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { startHttpServer } from "../../local/http-server.ts";

/** Longer than a test may take: what waits for it fails. */
const patient = 60_000;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A value that is promised now and given later. */
const later = <Value>() => {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { promise, give: resolve };
};

const open = async (
  fetch: Parameters<typeof startHttpServer>[0]["fetch"] = () => new Response("fine"),
  {
    drainMs = patient,
    ...rest
  }: Partial<Pick<Parameters<typeof startHttpServer>[0], "drainMs" | "restMs" | "arrival">> = {},
) => {
  const server = await startHttpServer({ fetch, port: 0, drainMs, ...rest });
  cleanUps.push(() => server.stop());
  const port = Number(new URL(server.url).port);
  const caller = async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    cleanUps.push(() => socket.destroy());
    await once(socket, "connect");
    return callerOn(socket);
  };
  return { ...server, port, caller };
};

const callerOn = (socket: Socket) => {
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString();
  });
  return {
    /** Sends text, with `host: x` as the name of the server. */
    send: (text: string) =>
      socket.write(text.replace("host: x", `host: 127.0.0.1:${socket.remotePort}`)),
    /** Resolves to all that came, once that ends so. */
    receives: async (text: string): Promise<string> => {
      while (!received.includes(text)) await once(socket, "data");
      return received;
    },
    closed: new Promise<string>((resolve) => socket.once("close", () => resolve(received))),
  };
};

/** A body of this many megabytes, in chunks (RFC 9112, 7.1). */
const chunked = (megabytes: number): readonly (Buffer | string)[] => {
  const megabyte = Buffer.alloc(1024 * 1024);
  const chunk = [`${megabyte.byteLength.toString(16)}\r\n`, megabyte, "\r\n"];
  return [...Array.from({ length: megabytes }, () => chunk).flat(), "0\r\n\r\n"];
};

const get = (path = "/"): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

test("a connection is kept while it does not stop", async () => {
  const { caller } = await open();
  const { send, receives } = await caller();

  send(get());
  await receives("fine");
  send(get());

  expect(await receives("fineHTTP/1.1 200 OK")).not.toMatch(/connection: close/i);
});

test("a stop closes connections on which nothing is under way: kept, new or half a head", async () => {
  const { caller, stop } = await open();
  const [kept, fresh, half] = [await caller(), await caller(), await caller()];
  kept.send(get());
  await kept.receives("fine");
  half.send("GET / HT");

  await stop();

  expect(await kept.closed).toMatch(/fine$/);
  expect(await fresh.closed).toBe("");
  expect(await half.closed).toBe("");
});

test("a stop lets what is under way be answered, says that it closes, and waits for no more", async () => {
  const answer = later<Response>();
  const arrived = later<void>();
  const { caller, stop } = await open(() => {
    arrived.give();
    return answer.promise;
  });
  const order: string[] = [];
  const { send, closed } = await caller();
  send(get());
  await arrived.promise;

  const stopped = stop().then(() => order.push("stopped"));
  const refused = await caller().catch((error: NodeJS.ErrnoException) => error.code);
  order.push("answered");
  answer.give(new Response("at last"));
  await stopped;

  expect(refused).toBe("ECONNREFUSED");
  expect(order).toEqual(["answered", "stopped"]);
  expect(await closed).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*connection: close[\s\S]*at last$/i);
});

test("a request that comes on a kept connection during the stop is refused, and reaches nobody", async () => {
  const rest = later<void>();
  const paths: string[] = [];
  const { caller, stop } = await open(({ url }) => {
    paths.push(new URL(url).pathname);
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(Buffer.from("begun"));
        await rest.promise;
        controller.close();
      },
    });
    return new Response(body);
  });
  const { send, receives, closed } = await caller();
  send(get("/first"));
  // Its answer has promised to keep the connection, so another request may follow.
  expect(await receives("begun")).not.toMatch(/connection: close/i);

  const stopped = stop();
  send(get("/second"));
  const second = await caller().catch(() => "refused");
  rest.give();
  await stopped;

  expect(second).toBe("refused");
  expect(paths).toEqual(["/first"]);
  const refusal = /HTTP\/1\.1 503 [\s\S]*$/.exec(await closed)?.[0] ?? "";
  expect(refusal).toMatch(/^content-type: application\/problem\+json\r$/im);
  expect(refusal).toMatch(/^retry-after: [1-9]\d*\r$/im);
  expect(refusal).toMatch(/^connection: close\r$/im);
  expect(JSON.parse(refusal.slice(refusal.indexOf("{")))).toMatchObject({
    status: 503,
    code: "SYSTEM_ERROR",
  });
});

test("an answer that had begun before the stop ends its connection too", async () => {
  const rest = later<void>();
  const { caller, stop } = await open(() => {
    const start = async (controller: ReadableStreamDefaultController): Promise<void> => {
      controller.enqueue(Buffer.from("begun"));
      await rest.promise;
      controller.close();
    };
    return new Response(new ReadableStream({ start }));
  });
  const { send, receives, closed } = await caller();
  send(get());
  await receives("begun");

  const stopped = stop();
  rest.give();

  await stopped;
  expect(await closed).toMatch(/begun/);
});

test("a stop cuts off what is not answered in time", async () => {
  const arrived = later<void>();
  const never = () => {
    arrived.give();
    return new Promise<Response>(() => {});
  };
  const { caller, stop } = await open(never, { drainMs: 1 });
  const { send, closed } = await caller();
  send(get());
  await arrived.promise;

  await stop();

  expect(await closed).toBe("");
});

test.each([
  ["whose length is said", `content-length: ${20 * 1024 * 1024}`, [Buffer.alloc(20 * 1024 * 1024)]],
  ["in chunks", "transfer-encoding: chunked", chunked(20)],
])(
  "an answer to a request %s that is too large reaches a caller who sends all of it first",
  async (_how, header, body) => {
    const { port } = await open(
      async (request) => {
        const reader = request.body?.getReader();
        for (let bytes = 0; bytes < 2 * 1024 * 1024; )
          bytes += (await reader?.read())?.value?.byteLength ?? 0;
        return new Response("too large", { status: 413 });
      },
      { restMs: patient },
    );
    const socket = connect(port, "127.0.0.1");
    cleanUps.push(() => socket.destroy());
    const failed = new Promise<string>((resolve) =>
      socket.once("error", (e) => resolve(e.message)),
    );

    socket.write(`POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${header}\r\n\r\n`);
    for (const part of body) socket.write(part);
    await Promise.race([new Promise((sent) => socket.write("", sent)), failed]);

    const received = Promise.race([callerOn(socket).closed, failed]);
    expect(await received).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*too large$/i);
  },
);

test("an answer to a request of which the rest never comes is given all the same", async () => {
  const { caller } = await open(() => new Response("no", { status: 413 }));
  const { send, closed } = await caller();

  send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");

  expect(await closed).toMatch(/^HTTP\/1\.1 413 [\s\S]*connection: close[\s\S]*no$/i);
});

test("an answer to a request that was read keeps the connection", async () => {
  const { caller } = await open(async (request) => new Response(await request.text()));
  const { send, receives } = await caller();

  send("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nread");

  expect(await receives("read")).not.toMatch(/connection: close/i);
});

/** What the server says to a GET with these headers, and whether the request came further. */
const asked = async (headersAt: (port: number) => readonly string[]) => {
  let arrived = 0;
  const { port } = await open(() => {
    arrived += 1;
    return new Response("fine");
  });
  const socket = connect(port, "127.0.0.1");
  cleanUps.push(() => socket.destroy());
  const lines = ["GET / HTTP/1.1", ...headersAt(port), "connection: close"];
  const { closed } = callerOn(socket);
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return { status: Number((await closed).split(" ")[1]), arrived };
};

test.each<[string, (port: number) => readonly string[]]>([
  ["another name, as DNS rebinding has it", (port) => [`host: pages.example:${port}`]],
  ["a name that begins as ours", (port) => [`host: localhost.pages.example:${port}`]],
  ["our name at another port", (port) => [`host: localhost:${port + 1}`]],
  ["our name without its port", () => ["host: localhost"]],
  ["an address of the network", (port) => [`host: 192.168.0.1:${port}`]],
  [
    "a page of another site",
    (port) => [`host: localhost:${port}`, "origin: https://pages.example"],
  ],
  [
    "a page of another port",
    (port) => [`host: localhost:${port}`, `origin: http://localhost:${port + 1}`],
  ],
  ["a page without an origin of its own", (port) => [`host: localhost:${port}`, "origin: null"]],
])("a request of %s is refused with 403 and goes no further", async (_, headersAt) => {
  expect(await asked(headersAt)).toEqual({ status: 403, arrived: 0 });
});

test.each<[string, (port: number) => readonly string[]]>([
  ["127.0.0.1", (port) => [`host: 127.0.0.1:${port}`]],
  ["localhost", (port) => [`Host: LocalHost:${port}`]],
  ["[::1]", (port) => [`host: [::1]:${port}`]],
  ["its own page", (port) => [`host: localhost:${port}`, `origin: http://localhost:${port}`]],
])("a request of %s is answered", async (_, headersAt) => {
  expect(await asked(headersAt)).toEqual({ status: 200, arrived: 1 });
});

test.each([
  ["headers", "POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-half: "],
  ["body", "POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"],
])("a request whose %s never end is answered 408 and closed", async (_what, half) => {
  const arrival = { headersMs: 50, requestMs: 50, checkEveryMs: 10 };
  const { caller } = await open(async (request) => new Response(await request.text()), { arrival });
  const { send, closed } = await caller();

  send(half);

  expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
});
