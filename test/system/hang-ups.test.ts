/**
 * Clients that break a connection, at any point, or send what is not HTTP: to a server that runs as
 * `npm start` starts it. It must go on, and none of it is a failure of ours.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { beforeEach, expect, test } from "@jest/globals";
import { until, useEdition } from "../support/edition.ts";

const edition = useEdition();

let ids = 0;
let linesBefore = 0;
beforeEach(() => {
  linesBefore = edition.lines.length;
});

/** The head of a request with the key of the demo sender, and then the rest. */
const request = (line: string, ...rest: readonly string[]): string => {
  const { host } = new URL(edition.url);
  const head = [line, `host: ${host}`, `authorization: Bearer ${edition.apiKey}`];
  return [...head, ...rest].join("\r\n");
};
const submit = (messageId: string): string => {
  const targetUrl = `${edition.url}/echo`;
  const timestamp = "2026-03-01T12:00:00Z";
  const body = JSON.stringify({ messageId, senderId: "demo", timestamp, targetUrl });
  const length = `content-length: ${body.length}`;
  return request("POST /v1/messages HTTP/1.1", "content-type: application/json", length, "", body);
};
const get = (path: string): string => request(`GET ${path} HTTP/1.1`, "", "");
const chunked = (path: string): string =>
  request(`POST ${path} HTTP/1.1`, "transfer-encoding: chunked", "", "4\r\nhalf\r\n");

const opened = async () => {
  const socket = connect(Number(new URL(edition.url).port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
};

/** Sends bytes, and breaks the connection when they are written, or once an answer has begun. */
const breakOff = async (bytes: string, after: "sent" | "first byte"): Promise<void> => {
  const socket = await opened();
  const isWritten = new Promise<void>((written) => socket.write(bytes, () => written()));
  await (after === "sent" ? isWritten : once(socket, "data"));
  socket.resetAndDestroy();
  await once(socket, "close");
};

/** Sends bytes and that no more will come, and reads on: all that came until the server closed. */
const halfClose = async (bytes: string): Promise<string> => {
  const socket = await opened();
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString();
  });
  socket.end(bytes);
  await once(socket, "close");
  return received;
};

/** Sends a message and waits until all that has been logged before is there to be judged. */
const goesOn = async (): Promise<void> => {
  ids += 1;
  const messageId = `after-${ids}`;
  const { status } = await edition.submit({ messageId, targetUrl: `${edition.url}/echo` });
  expect(status).toBe(202);
  await until(
    async () => edition.lines.some((line) => line.includes(`"${messageId}"`)),
    (isThere) => isThere,
  );
};

const cases: readonly (readonly [what: string, bytes: () => string])[] = [
  ["half the head of a request", () => "GET /v1/mess"],
  ["a submit", () => submit("hung-up")],
  ["half the body of a submit", () => submit("half").slice(0, -10)],
  ["a message that is asked for", () => get("/v1/messages/hung-up")],
  ["attempts that are asked for", () => get("/v1/messages/hung-up/attempts")],
  ["twenty requests at once", () => get("/v1/messages/hung-up").repeat(20)],
  ["half a body for the echo target", () => chunked("/echo")],
  ["half a body for nothing", () => chunked("/nothing")],
];

test.each(cases)("a client that hangs up after %s is no failure of ours", async (_, bytes) => {
  for (let time = 0; time < 5; time += 1) await breakOff(bytes(), "sent");

  await goesOn();
  expect(troubles()).toEqual([]);
});

test.each(cases)(
  "a client that sends %s and half-closes is no failure of ours",
  async (_, bytes) => {
    for (let time = 0; time < 5; time += 1)
      expect(await halfClose(bytes())).not.toContain("HTTP/1.1 5");

    await goesOn();
    expect(troubles()).toEqual([]);
  },
);

test.each([
  ["a message", () => get("/v1/messages/hung-up").repeat(50)],
  ["an answer of the echo target", () => get("/echo").repeat(50)],
  ["the answer to a submit", () => submit("hung-up")],
  ["an answer on a connection that is kept", () => get("/healthz")],
])("a client that hangs up while it receives %s is no failure of ours", async (_, bytes) => {
  for (let time = 0; time < 5; time += 1) await breakOff(bytes(), "first byte");

  await goesOn();
  expect(troubles()).toEqual([]);
});

test.each([
  ["the beginning of TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc"],
  // So much that it is read at once: an end with something unread would take the answer along.
  ["a header that is too long", `GET / HTTP/1.1\r\nhost: a\r\nx-a: ${"a".repeat(20_000)}`],
  ["no HTTP", "HELO postrider\r\n\r\n"],
  ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
  ["a target that is no path", "GET http://[::1 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"],
  ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["an expectation of its own", "GET / HTTP/1.1\r\nhost: a\r\nexpect: more\r\n\r\n"],
])("%s is refused and is no failure of ours", async (_, bytes) => {
  expect(await halfClose(bytes)).toMatch(/^HTTP\/1\.1 4/);
  await breakOff(bytes, "first byte");

  await goesOn();
  expect(troubles()).toEqual([]);
});

test.each([
  ["a tunnel", "CONNECT db.internal:443 HTTP/1.1\r\nhost: db.internal\r\n\r\n"],
  [
    "a web socket",
    () =>
      request("GET /v1/messages/a HTTP/1.1", "connection: upgrade", "upgrade: websocket", "", ""),
  ],
  ["no HTTP after a request", () => `${get("/healthz")}HELO\r\n\r\n`],
])("a client that asks for %s gets no such thing and is no failure of ours", async (_, bytes) => {
  const received = await halfClose(typeof bytes === "string" ? bytes : bytes());

  expect(received).not.toMatch(/HTTP\/1\.1 (101|5)/);
  await goesOn();
  expect(troubles()).toEqual([]);
});

test("a message whose sender hung up is delivered", async () => {
  await breakOff(submit("delivered"), "sent");

  const { status } = await until(
    () => edition.get("delivered"),
    (found) => found.status === "COMPLETED",
  );

  expect(status).toBe("COMPLETED");
});

/** Everything in the log that looks like a failure of ours, or that is no line of the log. */
const troubles = (): readonly string[] =>
  edition.lines
    .slice(linesBefore)
    .filter((line) => !line.startsWith("{") || /"ERROR"|SYSTEM_ERROR| {4}at /.test(line));
