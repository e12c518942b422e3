/**
 * Why a header is refused, held to what becomes of it: each is sent here by the real HTTP client, past
 * the rules, to a receiver that keeps every byte.
 */
import { describe, expect, test } from "@jest/globals";
import { dynamoDbClient } from "../../adapters/clients.ts";
import { systemClock } from "../../adapters/clock.ts";
import { guardedPost } from "../../adapters/http.ts";
import { headerFaults } from "../../domain/header-rules.ts";
import { reservedHeaders } from "../../domain/reserved-headers.ts";
import { payloadStore } from "../../entities/payload.ts";
import { aDelivery, loopbackOpen, openHostile } from "../support/hostile.ts";
import { aMessage } from "../support/messages.ts";
import { openTable } from "../support/table.ts";

const post = guardedPost({ policy: loopbackOpen, clock: systemClock });

/** What came of sending these headers with the body `hello`, and every line that arrived. */
const sentWith = async (headers: Readonly<Record<string, string>>) => {
  const bytes: Buffer[] = [];
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  const server = await openHostile((socket) => socket.write(answer), {
    greet: (socket) => socket.on("data", (chunk) => bytes.push(chunk)),
  });
  const { port } = server;
  const delivery = aDelivery(`${server.url}hook`, { headers, body: Buffer.from("hello") });
  const exchange = await post(delivery, 5000);
  await server.close();
  return { exchange, lines: Buffer.concat(bytes).toString("latin1").split("\r\n"), port };
};

/** The names that are refused with this reason, each with a value. */
const refusedSince = (why: string, values: Readonly<Record<string, string>>) => {
  const names = reservedHeaders.filter((each) => each.why === why).map(({ name }) => name);
  expect(Object.keys(values).sort()).toEqual([...names].sort());
  return Object.entries(values);
};

describe("A header that is refused, were it sent,", () => {
  test.each(
    refusedSince("belongs to the connection: the HTTP client refuses to send it", {
      "keep-alive": "timeout=5",
      "transfer-encoding": "chunked",
      upgrade: "h2c",
      expect: "100-continue",
    }),
  )("is one that the HTTP client refuses to send: %s", async (name, value) => {
    const { exchange, lines } = await sentWith({ [name]: value });

    expect(exchange).toMatchObject({ kind: "no-answer", class: "unsendable" });
    expect(lines).toEqual([""]);
  });

  test.each(["4", "6", "1e3"])(
    "is a length that is not the body's, and nothing is sent: %s",
    async (length) => {
      const { exchange, lines } = await sentWith({ "content-length": length });

      expect(exchange.kind).toBe("no-answer");
      expect(lines).toEqual([""]);
    },
  );

  test("is a host, and names another server than the one that is asked", async () => {
    const { lines, port } = await sentWith({ host: "internal.example" });

    expect(lines).toContain("host: internal.example");
    expect(lines).not.toContain(`host: 127.0.0.1:${port}`);
  });

  test("is connection, and closes the connection or is not sent at all", async () => {
    const closing = await sentWith({ connection: "close" });
    const other = await sentWith({ connection: "x-own", "x-own": "1" });

    expect(closing.lines).toContain("connection: close");
    expect(other.lines).toContain("connection: keep-alive");
    expect(other.lines).not.toContain("connection: x-own");
  });

  test.each(
    refusedSince("has to be named in connection as well, which Postrider sets", {
      te: "trailers",
      "http2-settings": "AAMAAABkAAQAAP__",
    }),
  )(
    "is not named in connection, and looks as if meant for the receiver: %s",
    async (name, value) => {
      const { lines } = await sentWith({ [name]: value, connection: name });

      expect(lines).toContain(`${name}: ${value}`);
      expect(lines.filter((line) => line.startsWith("connection:"))).toEqual([
        "connection: keep-alive",
      ]);
    },
  );

  test("announces trailers, of which there are none: the body has a length", async () => {
    const { lines } = await sentWith({ trailer: "x-sum" });

    expect(lines).toEqual(expect.arrayContaining(["trailer: x-sum", "content-length: 5"]));
    expect(lines.slice(-2)).toEqual(["", "hello"]);
  });

  test.each(
    refusedSince("is between a client and its proxy, and Postrider uses none", {
      "proxy-authenticate": "Basic",
      "proxy-authorization": "Basic YTpi",
      "proxy-connection": "close",
    }),
  )("reaches the receiver, which is no proxy: %s", async (name, value) => {
    expect((await sentWith({ [name]: value })).lines).toContain(`${name}: ${value}`);
  });

  test("does not come back from the table if its name is __proto__", async () => {
    const table = await openTable();
    // Through the SDK's own text: what is called in the process has none.
    const endpoint = await table.url();
    const client = dynamoDbClient({ endpoint, requestTimeoutMs: 60_000 });
    const payloads = payloadStore({ client, table: table.storage.table });
    const message = aMessage({ messageId: "prototype" });
    const headers = Object.fromEntries(["__proto__", "other"].map((name) => [name, "1"]));

    await payloads.put(message, { headers });
    const found = await payloads.get(message);

    expect(Object.keys(found?.headers ?? {})).toEqual(["other"]);
    client.destroy();
    await table.close();
  });
});

test("Headers that a sender may set arrive as they were given", async () => {
  const headers = {
    ...{ Authorization: "Bearer abc", Cookie: "a=b", Date: "Sun, 01 Mar 2026 12:00:00 GMT" },
    ...{ From: "a@b.example", Referer: "https://a.example/", Accept: "text/plain" },
    ...{ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    ...{ "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678", "X-Amz-Meta-A": "b" },
    ...{ "Content-Encoding": "gzip", Range: "bytes=0-1", "Max-Forwards": "1", Origin: "null" },
    ...{ "Idempotency-Key": "k", "X-Original-To": "a", "Lambda-Runtime-Trace-Id": "a" },
  };

  const { exchange, lines } = await sentWith(headers);

  expect(headerFaults(headers)).toEqual([]);
  expect(exchange).toMatchObject({ kind: "answered", status: 200 });
  for (const [name, value] of Object.entries(headers)) expect(lines).toContain(`${name}: ${value}`);
});
