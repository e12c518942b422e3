import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { systemClock } from "../../adapters/clock.ts";
import { guardedPost } from "../../adapters/http.ts";
import { limits } from "../../domain/limits.ts";
import type { OutgoingRequest } from "../../domain/request.ts";
import { certify } from "../support/certificates.ts";
import {
  aDelivery,
  type Behaviour,
  drip,
  fine,
  flood,
  type HostileServer,
  inChild,
  loopbackOpen,
  openHostile,
  turn,
} from "../support/hostile.ts";

const authority = certify({ name: "Postrider test authority" });
const { cert, key } = certify({ name: "any", hosts: ["shop.example"], issuer: authority });

/** One client for all that follows: what one target does is not to be felt at another. */
const post = guardedPost({
  policy: loopbackOpen,
  clock: systemClock,
  ca: authority.cert,
  resolve: async (hostname) =>
    hostname === "silent.example" ? new Promise<never>(() => {}) : ["127.0.0.1"],
});

const deadlineMs = 300;
/** Much longer than a busy machine is late, and much shorter than what undici waits by itself. */
const endMs = deadlineMs + 3000;

let good: HostileServer;
beforeAll(async () => {
  good = await openHostile(fine);
});
afterAll(() => good.close());

type Options = Parameters<typeof openHostile>[1];

/** One exchange with a server that behaves like this, and one with a good one afterwards. */
const meet = async (
  behave: Behaviour,
  {
    request,
    withinMs = deadlineMs,
    ...options
  }: Options & { request?: Partial<OutgoingRequest>; withinMs?: number } = {},
) => {
  const server = await openHostile(behave, options);
  const exchange = await post(aDelivery(server.url, request), withinMs);
  const after = await post(aDelivery(good.url), endMs);
  await server.close();

  expect(after).toMatchObject({ kind: "answered", status: 200 });
  expect(exchange.durationMs).toBeLessThan(endMs);
  return { exchange, requests: server.requests };
};

/** Nothing but these bytes, and then the end of the connection. */
const saying =
  (bytes: string | Uint8Array): Behaviour =>
  (socket) =>
    socket.end(bytes);

const ok = "HTTP/1.1 200 OK\r\n";
const failing = "HTTP/1.1 500 No\r\n";
const text = "content-type: text/plain\r\n";

describe("A receiver that takes its time", () => {
  test.each<[string, Behaviour]>([
    ["says nothing", () => {}],
    [
      "drips its headers",
      (socket) => {
        socket.write(`${ok}x-slow: `);
        drip(socket, "z");
      },
    ],
    ["sends Early Hints for ever", (socket) => drip(socket, "HTTP/1.1 103 Early Hints\r\n\r\n")],
    ["floods us with Early Hints", (socket) => flood(socket, Buffer.from(hints))],
  ])("and %s is left at the deadline", async (_what, behave) => {
    const { exchange, requests } = await meet(behave);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "timeout" });
    expect(exchange.durationMs).toBeGreaterThanOrEqual(deadlineMs - 50);
    expect(requests).toHaveLength(1);
  });

  test("a silent TLS handshake ends at the deadline, before any request", async () => {
    const server = await openHostile(fine);
    const url = server.url.replace("http:", "https:");

    const exchange = await post(aDelivery(url), deadlineMs);
    await server.close();

    expect(exchange).toMatchObject({ kind: "no-answer", class: "timeout" });
    expect(exchange.durationMs).toBeLessThan(endMs);
  });

  test("a look-up without an answer ends at the deadline", async () => {
    const exchange = await post(aDelivery("http://silent.example/"), deadlineMs);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "timeout" });
    expect(exchange.durationMs).toBeLessThan(endMs);
  });

  test("a look-up without an answer does not delay other targets", async () => {
    // As the operating system does it: a name that is not answered holds a thread for ten seconds
    // and more, and there are as many threads as look-ups may be under way.
    const threads: string[] = [];
    const waiting: (() => void)[] = [];
    const resolve = (hostname: string) =>
      new Promise<readonly string[]>((give) => {
        if (threads.length >= limits.lookUpsMax) waiting.push(() => give(["127.0.0.1"]));
        else if (hostname.startsWith("slow")) threads.push(hostname);
        else give(["127.0.0.1"]);
      });
    const crowded = guardedPost({ policy: loopbackOpen, clock: systemClock, resolve });
    const slowNames = Array.from({ length: 10 }, (_, index) => `slow-${index}.example`);
    // Together they have more deliveries than there are threads.
    const slow = slowNames.flatMap((name) =>
      Array.from({ length: limits.lookUpsMax / 8 }, () =>
        crowded(aDelivery(`http://${name}:${good.port}/`), deadlineMs),
      ),
    );

    const healthy = await Promise.all(
      ["one", "two"].map((name) =>
        crowded(aDelivery(`http://${name}.example:${good.port}/`), 20_000),
      ),
    );
    const late = await Promise.all(slow);

    for (const exchange of healthy) expect(exchange).toMatchObject({ status: 200 });
    for (const exchange of late) expect(exchange).toMatchObject({ class: "timeout" });
    expect([threads.sort(), waiting]).toEqual([slowNames, []]);
  });

  test("a slow body keeps its status and what was read until the deadline", async () => {
    const { exchange } = await meet((socket) => {
      socket.write(`${failing}${text}content-length: 100000\r\n\r\n`);
      drip(socket, "z");
    });

    expect(exchange).toMatchObject({ status: 500, text: expect.stringMatching(/^z+$/) });
    expect(exchange.durationMs).toBeGreaterThanOrEqual(deadlineMs - 50);
  });
});

describe("A receiver that accepts, and whose body does not end,", () => {
  // The deadline of the exchange is longer than a test may take: who waits for it fails.
  const longMs = 60_000;

  test.each<[string, Behaviour]>([
    ["sends nothing of it", (socket) => socket.write(`${ok}${text}content-length: 9\r\n\r\n`)],
    [
      "drips it",
      (socket) => {
        socket.write(`${ok}${text}transfer-encoding: chunked\r\n\r\n`);
        drip(socket, "1\r\nz\r\n");
      },
    ],
    [
      "floods us with it",
      (socket) => {
        socket.write(`${ok}${text}\r\n`);
        flood(socket, Buffer.alloc(65_536, "z"));
      },
    ],
  ])("is let go though it %s", async (_what, behave) => {
    const server = await openHostile(behave);

    const exchange = await post(aDelivery(server.url), longMs);
    await server.quiet(); // for the connection is closed from here
    await server.close();

    expect(exchange).toMatchObject({ kind: "answered", status: 200 });
    expect(exchange).not.toHaveProperty("text");
  });
});

describe("A receiver that fails, and whose body does not end,", () => {
  const longMs = 60_000;

  test.each<[string, Behaviour]>([
    ["says no more", (socket) => socket.write(`${failing}${text}content-length: 9\r\n\r\nbegun`)],
    [
      "drips it",
      (socket) => {
        socket.write(`${failing}${text}transfer-encoding: chunked\r\n\r\n5\r\nbegun\r\n`);
        drip(socket, "1\r\nz\r\n");
      },
    ],
  ])("is let go though it %s; what has come is kept", async (_what, behave) => {
    const server = await openHostile(behave);

    const exchange = await post(aDelivery(server.url), longMs);
    await server.quiet(); // for the connection is closed from here
    await server.close();

    expect(exchange).toMatchObject({ status: 500, text: expect.stringMatching(/^begunz*$/) });
  });

  test.each<[string, Behaviour]>([
    ["is no text", (socket) => socket.write(`${failing}content-length: 9\r\n\r\nbegun`)],
    [
      "is packed",
      (socket) => {
        socket.write(`${failing}${text}content-encoding: gzip\r\n\r\n`);
        drip(socket, "z");
      },
    ],
    [
      "is a flood of what is no text",
      (socket) => {
        socket.write(`${failing}content-type: image/png\r\n\r\n`);
        flood(socket, Buffer.alloc(65_536, "z"));
      },
    ],
  ])("is let go, and nothing of it is kept, if it %s", async (_what, behave) => {
    const server = await openHostile(behave);

    const exchange = await post(aDelivery(server.url), longMs);
    await server.quiet();
    await server.close();

    expect(exchange).toMatchObject({ kind: "answered", status: 500 });
    expect(exchange).not.toHaveProperty("text");
  });
});

test("The connection of an accepted answer with a short body is kept", async () => {
  const server = await openHostile((socket) => {
    socket.write(`${ok}${text}content-length: 4\r\n\r\nfine`);
  });

  for (let time = 0; time < 6; time += 1) await post(aDelivery(server.url), 20_000);
  const connections = server.connections();
  await server.close();

  // The pool may open a second one before the first is free again.
  expect(connections).toBeLessThanOrEqual(2);
});

const hints = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n".repeat(100);

describe("A receiver that says too much", () => {
  test.each([
    ["by content-length", "content-length: 100000000000\r\n"],
    ["until it closes", "connection: close\r\n"],
  ])("in its body, %s, is cut off and has answered", async (_how, header) => {
    const server = await openHostile((socket) => {
      socket.write(`${failing}${text}${header}\r\n`);
      flood(socket, Buffer.alloc(65_536, "z"));
    });

    const exchange = await post(aDelivery(server.url), 20_000);
    await server.quiet(); // for the connection is closed from here
    await server.close();

    expect(exchange).toMatchObject({ kind: "answered", status: 500, text: "z".repeat(1024) });
    expect(exchange.durationMs).toBeLessThan(10_000);
  });

  test("packed, is not unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024, "z"));
    const headers = `${text}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;

    const { exchange } = await meet((socket) => {
      socket.write(failing + headers);
      socket.write(bomb);
    });

    expect(exchange).toMatchObject({ kind: "answered", status: 500 });
    expect(exchange).not.toHaveProperty("text");
  });

  test.each([
    ["one header", `x-large: ${"z".repeat(1024 * 1024)}\r\n`],
    ["many headers", "x-many: z\r\n".repeat(100_000)],
  ])("in %s of a megabyte breaks the protocol", async (_how, headers) => {
    // A busy machine takes its time to read so much.
    const options = { withinMs: endMs };
    const { exchange } = await meet((socket) => socket.write(`${ok}${headers}\r\n`), options);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "protocol" });
  });

  test("answers once where it was asked once: the rest is not the next answer", async () => {
    const server = await openHostile((socket) => {
      socket.write(`${ok}content-length: 0\r\n\r\nHTTP/1.1 299 Extra\r\ncontent-length: 0\r\n\r\n`);
    });

    const first = await post(aDelivery(server.url), 5000);
    await turn();
    const second = await post(aDelivery(server.url), 5000);
    await server.close();

    expect([first, second]).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(server.requests).toHaveLength(2);
  });
});

describe("A receiver that breaks off", () => {
  test.each<[string, Behaviour]>([
    ["resets", (socket) => socket.resetAndDestroy()],
    ["closes", (socket) => socket.destroy()],
    ["ends", (socket) => socket.end()],
    ["stops in its headers", saying(`${ok}x-half: `)],
    ["stops in its status line", saying("HTTP/1.1 2")],
    ["switches protocols", saying("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n")],
    ["asks to continue", saying("HTTP/1.1 100 Continue\r\n\r\n")],
  ])("and %s without an answer, counts as such", async (_what, behave) => {
    const { exchange, requests } = await meet(behave);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "reset" });
    expect(requests).toHaveLength(1);
  });

  test("before it was asked, counts as such", async () => {
    const { exchange } = await meet(fine, { greet: (socket) => socket.resetAndDestroy() });

    expect(exchange).toMatchObject({ kind: "no-answer", class: "reset" });
  });

  test.each<[string, Behaviour]>([
    ["resets", (socket) => socket.write(`${ok}${text}\r\nhalf`, () => socket.resetAndDestroy())],
    ["closes before its content-length", saying(`${ok}${text}content-length: 99\r\n\r\nhalf`)],
    ["breaks its chunks", saying(`${ok}${text}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ`)],
  ])("and %s behind its status has answered", async (_what, behave) => {
    const { exchange } = await meet(behave);

    expect(exchange).toMatchObject({ kind: "answered", status: 200 });
  });

  test("a target that no longer listens is a connect failure", async () => {
    const server = await openHostile(fine);
    await server.close();

    const exchange = await post(aDelivery(server.url), 5000);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "connect" });
  });
});

describe("A receiver that speaks no HTTP", () => {
  test.each([
    ["garbage", "\u0000\u0001\u0002 what\r\n\r\n"],
    ["HTTP/0.9", "<html>hello</html>\r\n"],
    ["the banner of something else", "220 mail.example ESMTP\r\n"],
    ["two lengths", `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\nabc`],
    ["a length that is none", `${ok}content-length: -1\r\n\r\n`],
    ["a header without a colon", `${ok}nothing\r\n\r\n`],
    ["a status that is none", "HTTP/1.1 OK\r\n\r\n"],
  ])("but %s breaks the protocol", async (_what, bytes) => {
    const { exchange, requests } = await meet(saying(bytes));

    expect(exchange).toMatchObject({ kind: "no-answer", class: "protocol" });
    expect(requests).toHaveLength(1);
  });

  test("a response that is not text keeps its status", async () => {
    const bytes = [0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80];

    const { exchange } = await meet((socket) => {
      socket.write(`${failing}${text}x-bytes: `);
      socket.write(Uint8Array.from([...bytes, 0x0d, 0x0a, 0x0d, 0x0a]));
      socket.end(Uint8Array.from(bytes));
    });

    expect(exchange).toMatchObject({ status: 500, text: expect.stringContaining("\ufffd") });
  });
});

test("A redirect to an address inside is an answer, and followed nowhere", async () => {
  const inside = await openHostile(fine);

  const { exchange, requests } = await meet((socket) => {
    socket.write(`HTTP/1.1 307 Go\r\nlocation: ${inside.url}\r\ncontent-length: 0\r\n\r\n`);
  });
  const connections = inside.connections();
  await inside.close();

  expect(exchange).toMatchObject({ kind: "answered", status: 307 });
  expect([requests.length, connections]).toEqual([1, 0]);
});

describe("A certificate", () => {
  const hour = 3_600_000;
  const now = Date.now();
  const stranger = certify({ name: "Somebody else's authority" });
  const hosts = ["shop.example", "127.0.0.1"];
  const named = (port: number, name = "shop.example") => `https://${name}:${port}/`;

  const bad = [
    {
      what: "that is over",
      tls: certify({ name: "over", hosts, issuer: authority, notAfter: now - hour }),
    },
    {
      what: "that is not yet valid",
      tls: certify({
        ...{ name: "early", hosts, issuer: authority },
        ...{ notBefore: now + hour, notAfter: now + 2 * hour },
      }),
    },
    {
      what: "of another name",
      tls: certify({ name: "other", hosts: ["other.example"], issuer: authority }),
    },
    { what: "that signed itself", tls: certify({ name: "shop.example", hosts }) },
    {
      what: "of an authority nobody knows",
      tls: certify({ name: "shop.example", hosts, issuer: stranger }),
    },
    {
      what: "of somebody who is no authority",
      tls: certify({
        ...{ name: "shop.example", hosts },
        issuer: certify({ name: "any", hosts, issuer: authority }),
      }),
    },
  ];

  test.each(bad)("$what is not accepted: no request is sent", async ({ tls }) => {
    const server = await openHostile(fine, { tls });

    const exchanges = [
      await post(aDelivery(named(server.port)), 5000),
      await post(aDelivery(named(server.port, "localhost")), 5000),
    ];
    await server.close();

    for (const exchange of exchanges)
      expect(exchange).toMatchObject({ kind: "no-answer", class: "tls" });
    expect(server.requests).toEqual([]);
  });

  test("a certificate of a trusted authority is accepted, for names and addresses", async () => {
    const tls = certify({ name: "any", hosts, issuer: authority });
    const server = await openHostile(fine, { tls });

    const exchanges = [
      await post(aDelivery(named(server.port)), 5000),
      await post(aDelivery(named(server.port, "127.0.0.1")), 5000),
    ];
    await server.close();

    for (const exchange of exchanges) expect(exchange).toMatchObject({ status: 200 });
  });

  test("is of no use without TLS", async () => {
    const server = await openHostile(fine, {
      greet: (socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    });

    const exchange = await post(aDelivery(named(server.port)), 5000);
    await server.close();

    expect(exchange).toMatchObject({ kind: "no-answer", class: "tls" });
  });

  /** What the client does in a process whose environment is as lax as can be. */
  const inLaxChild = (port: number) =>
    inChild(
      `
      import { guardedPost } from "./adapters/http.ts";
      import { aDelivery, loopbackOpen } from "./test/support/hostile.ts";
      const post = guardedPost({
        policy: loopbackOpen,
        clock: () => 0,
        resolve: async () => ["127.0.0.1"],
        ca: ${JSON.stringify(authority.cert)},
      });
      console.log(JSON.stringify(await post(aDelivery("${named(port)}"), 5000)));
      `,
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      ["--tls-min-v1.0", "--tls-cipher-list=DEFAULT@SECLEVEL=0"],
    );

  test.each(bad)("$what is not accepted either if the environment says so", async ({ tls }) => {
    const server = await openHostile(fine, { tls });

    const exchange = await inLaxChild(server.port);
    await server.close();

    expect(exchange).toMatchObject({ kind: "no-answer", class: "tls" });
    expect(server.requests).toEqual([]);
  });

  test("is of no use with TLS 1.1, whatever the environment says", async () => {
    const server = await openHostile(fine, {
      tls: {
        ...{ cert, key, minVersion: "TLSv1", maxVersion: "TLSv1.1" },
        ciphers: "DEFAULT@SECLEVEL=0",
      },
    });

    const exchanges = [
      await post(aDelivery(named(server.port)), 5000),
      await inLaxChild(server.port),
    ];
    await server.close();

    for (const exchange of exchanges)
      expect(exchange).toMatchObject({ kind: "no-answer", class: "tls" });
  });
});

describe("A request is sent once at most", () => {
  const methods = ["POST", "PUT", "GET", "DELETE"] as const;

  test.each(methods)("%s, over a kept connection that breaks with it", async (method) => {
    const server = await openHostile((socket, count) => {
      if (count === 2) socket.resetAndDestroy();
      else fine(socket);
    });
    const send = () => post(aDelivery(server.url, { method }), 5000);

    const first = await send();
    await turn();
    const second = await send();
    const third = await send();
    await server.close();

    expect(first).toMatchObject({ status: 200 });
    expect(second).toMatchObject({ kind: "no-answer", class: "reset" });
    expect(third).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(3);
  });

  test.each(methods)("%s, over a connection that is closed as it is sent", async (method) => {
    const last: { close: () => void } = { close: () => {} };
    const server = await openHostile((socket) => {
      last.close = () => socket.destroy();
      fine(socket);
    });
    const send = () => post(aDelivery(server.url, { method }), 5000);
    let answers = 0;
    let resets = 0;

    for (let round = 0; round < 25; round += 1) {
      const before = server.requests.length;
      const exchange = await send();
      if (round % 2 === 0) await turn();
      last.close();
      if (exchange.kind === "answered") answers += 1;
      else resets += exchange.class === "reset" ? 1 : 0;
      expect(server.requests.length - before).toBeLessThanOrEqual(1);
    }
    await server.close();

    expect(answers + resets).toBe(25);
    expect(server.requests.length).toBeGreaterThanOrEqual(answers);
    expect(server.requests.length).toBeLessThanOrEqual(25);
  });

  test.each(methods)("%s, which is given up at the deadline", async (method) => {
    const server = await openHostile((socket, count) => {
      if (count > 1) fine(socket);
    });
    const send = (forMs: number) => post(aDelivery(server.url, { method }), forMs);

    const first = await send(deadlineMs);
    const later = [await send(5000), await send(5000)];
    await server.close();

    expect(first).toMatchObject({ kind: "no-answer", class: "timeout" });
    for (const exchange of later) expect(exchange).toMatchObject({ status: 200 });
    expect(server.requests).toHaveLength(3);
  });

  test("no request is sent over a connection made after the deadline", async () => {
    const answers: ((addresses: readonly string[]) => void)[] = [];
    const slowly = guardedPost({
      policy: loopbackOpen,
      clock: systemClock,
      resolve: () => new Promise((answer) => answers.push(answer)),
    });
    const server = await openHostile(fine);
    const url = `http://shop.example:${server.port}/`;

    const late = await slowly(aDelivery(url), deadlineMs);
    const next = slowly(aDelivery(`${url}next`), 5000);
    while (answers.length > 0) answers.shift()?.(["127.0.0.1"]);
    await next;
    await server.close();

    expect(late).toMatchObject({ kind: "no-answer", class: "timeout" });
    expect(late.timings).toEqual({});
    expect(server.requests).toEqual(["POST /next HTTP/1.1"]);
  });
});

test("Bodies without an end leave nothing behind", async () => {
  // Two hundred times the least that one could leave, 64 KiB, are 13 MB.
  const grownBytesMax = 4 * 1024 * 1024;
  const server = await openHostile((socket) => {
    socket.write(`${ok}${text}\r\n`);
    flood(socket, Buffer.alloc(65_536, "z"));
  });

  const grownBytes = await inChild(
    `
    import { guardedPost } from "./adapters/http.ts";
    import { aDelivery, loopbackOpen, turn } from "./test/support/hostile.ts";
    const post = guardedPost({ policy: loopbackOpen, clock: () => 0 });
    const used = async () => {
      // Sockets that are being closed hold their buffers until the machine gets to it.
      while (process.getActiveResourcesInfo().includes("TCPSocketWrap")) await turn();
      await turn();
      gc();
      await turn();
      gc();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const meet = async (times) => {
      for (let time = 0; time < times; time += 1) {
        const { kind } = await post(aDelivery("${server.url}"), 20_000);
        if (kind !== "answered") throw new Error("No answer");
      }
    };
    await meet(200); // what is made once is made by then
    const before = await used();
    await meet(200);
    console.log((await used()) - before);
    `,
    {},
    ["--expose-gc"],
  );
  await server.close();

  expect(server.requests).toHaveLength(400);
  expect(grownBytes).toBeLessThan(grownBytesMax);
});
