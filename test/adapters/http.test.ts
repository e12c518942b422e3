import { describe, expect, test } from "@jest/globals";
import { errors } from "undici";
import { systemClock } from "../../adapters/clock.ts";
import { guardedPost } from "../../adapters/http.ts";
import { BlockedTarget, classOf } from "../../adapters/http-errors.ts";
import type { Resolve } from "../../adapters/target-lookup.ts";
import type { NoAnswerClass } from "../../domain/outcome.ts";
import { certify } from "../support/certificates.ts";
import { until } from "../support/edition.ts";
import { aDelivery, fine, loopbackOpen, openHostile, turn } from "../support/hostile.ts";
import { type Answer, openReceiver } from "../support/receiver.ts";

const post = guardedPost({ policy: loopbackOpen, clock: systemClock });

/** What becomes of one answer. */
const answeredWith = async (answer: Answer) => {
  const receiver = await openReceiver(() => answer);
  const exchange = await post(aDelivery(receiver.url), 5000);
  receiver.close();
  return exchange;
};

describe("The timings of an exchange", () => {
  test("say what each step took, and no step that was not taken", async () => {
    let now = 1000;
    const resolve: Resolve = async () => {
      now += 7;
      return ["127.0.0.1"];
    };
    const timed = guardedPost({ policy: loopbackOpen, clock: () => now, resolve });
    const server = await openHostile((socket) => {
      now += 20;
      fine(socket);
    });
    const url = `http://shop.example:${server.port}/`;

    const first = await timed(aDelivery(url), 5000);
    await turn();
    const second = await timed(aDelivery(url), 5000);
    await server.close();

    expect(first).toMatchObject({
      durationMs: 27,
      timings: { dnsMs: 7, connectMs: 0, firstByteMs: 27 },
    });
    expect(first.timings).not.toHaveProperty("tlsMs");
    expect(second).toMatchObject({ durationMs: 27 });
    expect(second.timings).toEqual({ dnsMs: 7, firstByteMs: 27 });
  });

  test("tell TLS from the connection, and no look-up where there is an address", async () => {
    const authority = certify({ name: "Postrider test authority" });
    const tls = certify({ name: "any", hosts: ["127.0.0.1"], issuer: authority });
    const server = await openHostile(fine, { tls });
    const trusting = guardedPost({
      policy: loopbackOpen,
      clock: systemClock,
      ca: authority.cert,
    });

    const { timings } = await trusting(aDelivery(server.url), 5000);
    await server.close();

    const some = expect.any(Number);
    expect(timings).toEqual({ connectMs: some, tlsMs: some, firstByteMs: some });
  });
});

describe("The text of an answer", () => {
  test.each([
    ...["text/plain", "text/html; charset=utf-8", "TEXT/PLAIN", "application/json"],
    ...["application/problem+json", "application/xml", "application/x-www-form-urlencoded"],
  ])("is kept if it is %s", async (type) => {
    const headers = { "content-type": type };

    expect(await answeredWith({ status: 400, headers, body: "why" })).toMatchObject({
      text: "why",
    });
  });

  test.each<Record<string, string>>([
    { "content-type": "application/octet-stream" },
    { "content-type": "image/png" },
    { "content-type": "application/jsonp" },
    { "content-type": "text/plain", "content-encoding": "br" },
    {},
  ])("is not kept if it is %j", async (headers) => {
    const exchange = await answeredWith({ status: 400, headers, body: "why" });

    expect(exchange).not.toHaveProperty("text");
  });

  test("is cut to 1,024 characters, and never in the middle of one", async () => {
    const headers = { "content-type": "text/plain" };

    const plain = await answeredWith({ status: 400, headers, body: "z".repeat(1025) });
    const wide = await answeredWith({ status: 400, headers, body: `z${"😀".repeat(1000)}` });

    expect(plain).toMatchObject({ text: "z".repeat(1024) });
    expect(wide).toMatchObject({ text: `z${"😀".repeat(511)}\ufffd` });
  });
});

test("Retry-After is handed on as it is", async () => {
  const exchange = await answeredWith({ status: 503, headers: { "retry-after": "120" } });

  expect(exchange).toMatchObject({ status: 503, retryAfter: "120" });
  expect(await answeredWith({ status: 503 })).not.toHaveProperty("retryAfter");
});

describe("A request", () => {
  test.each([
    { method: "POST", body: null, length: "content-length: 0\r\n" },
    { method: "POST", body: new Uint8Array(), length: "content-length: 0\r\n" },
    { method: "GET", body: null, length: "" },
    { method: "DELETE", body: null, length: "" },
  ] as const)("$method without a body is sent as given", async ({ method, body, length }) => {
    expect(await sentFor({ method, body })).toBe(
      `${method} /hook?a=1 HTTP/1.1\r\nhost: HOST\r\nconnection: keep-alive\r\nX-Own: Value\r\n${length}\r\n`,
    );
  });

  test.each(["POST", "PUT", "PATCH", "DELETE"] as const)(
    "%s has its body's bytes",
    async (method) => {
      const body = Uint8Array.from([0, 255, 13, 10, 128]);

      const sent = await sentFor({ method, body });

      expect(sent).toMatch(/\r\ncontent-length: 5\r\n\r\n/);
      expect(Buffer.from(sent.slice(-5), "latin1")).toEqual(Buffer.from(body));
    },
  );

  test.each<Record<string, string>>([
    { "x-bad": "a\nb" },
    { "bad name": "a" },
    { "transfer-encoding": "chunked" },
  ])("that no client could send is unsendable: %j", async (headers) => {
    const exchange = await post(aDelivery("http://127.0.0.1:8080/", { headers }), 5000);

    expect(exchange).toMatchObject({ kind: "no-answer", class: "unsendable" });
  });
});

/** Every byte that a target gets, with its own name left out. */
const sentFor = async (request: Parameters<typeof aDelivery>[1]): Promise<string> => {
  const bytes: Buffer[] = [];
  const server = await openHostile((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\n"), {
    greet: (socket) => socket.on("data", (chunk) => bytes.push(chunk)),
  });
  const headers = { "X-Own": "Value" };
  await post(aDelivery(`${server.url}hook?a=1`, { headers, ...request }), 5000);
  await server.close();
  return Buffer.concat(bytes).toString("latin1").replace(`127.0.0.1:${server.port}`, "HOST");
};

test("Exchanges side by side share 64 connections, and waiting for one ends in time too", async () => {
  const server = await openHostile(() => {});
  // GET is what undici would put several of on one connection.
  const send = (deadlineMs: number) => post(aDelivery(server.url, { method: "GET" }), deadlineMs);
  const many = (count: number, deadlineMs: number) =>
    Promise.all(Array.from({ length: count }, () => send(deadlineMs)));

  const first = many(64, 60_000);
  // A busy machine takes its time to make so many connections.
  await until(
    async () => server.requests.length,
    (count) => count === 64,
  );
  const waiting = await many(6, 500);
  const connections = server.connections();
  await server.close();

  for (const exchange of waiting) expect(exchange).toMatchObject({ class: "timeout" });
  for (const exchange of await first) expect(exchange).toMatchObject({ class: "reset" });
  expect([connections, server.requests.length]).toEqual([64, 64]);
});

describe("The class of an error", () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });

  test.each<[NoAnswerClass, unknown]>([
    ["dns", coded("ENOTFOUND")],
    ["dns", coded("EAI_AGAIN")],
    ["connect", coded("ECONNREFUSED")],
    ["connect", new errors.ConnectTimeoutError()],
    ["connect", new AggregateError([coded("EHOSTUNREACH"), coded("ECONNRESET")])],
    ["tls", coded("ERR_TLS_CERT_ALTNAME_INVALID")],
    ["tls", coded("CERT_HAS_EXPIRED")],
    ["tls", coded("DEPTH_ZERO_SELF_SIGNED_CERT")],
    ["tls", coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE")],
    ["tls", coded("INVALID_CA")],
    ["tls", coded("EPROTO")],
    ["timeout", new DOMException("late", "TimeoutError")],
    ["timeout", new errors.HeadersTimeoutError()],
    ["timeout", new errors.BodyTimeoutError()],
    ["timeout", new errors.RequestAbortedError()],
    ["reset", coded("ECONNRESET")],
    ["reset", coded("EPIPE")],
    ["reset", new errors.SocketError("other side closed")],
    ["reset", new Error("of a kind that nobody knows")],
    ["reset", "no error at all"],
    ["reset", undefined],
    ["protocol", new errors.HeadersOverflowError()],
    ["protocol", new errors.HTTPParserError("Invalid header token")],
    ["protocol", new errors.ResponseContentLengthMismatchError()],
    ["target-blocked", new BlockedTarget()],
    ["target-blocked", new Error("outer", { cause: new BlockedTarget() })],
    ["unsendable", new errors.InvalidArgumentError("invalid header")],
    ["unsendable", new errors.NotSupportedError()],
    ["unsendable", coded("ERR_INVALID_URL")],
    ["dns", new Error("outer", { cause: new Error("middle", { cause: coded("ENOTFOUND") }) })],
    ["connect", Object.assign(coded("ECONNREFUSED"), { cause: coded("ENOTFOUND") })],
  ])("is %s for %s", (silence, error) => {
    expect(classOf(error)).toBe(silence);
  });
});
