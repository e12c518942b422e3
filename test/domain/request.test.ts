import { describe, expect, test } from "@jest/globals";
import { requestOf } from "../../domain/request.ts";
import { formatSecret } from "../../domain/signature.ts";
import { aMessage, t0, utf8 } from "../support/messages.ts";

const secret = formatSecret(new Uint8Array(32).fill(7));

test("A request carries one signature for each secret", () => {
  const { headers } = requestOf(aMessage(), {}, [secret, secret], t0);

  expect(headers["webhook-signature"]).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
});

test("There is no request without a signature", () => {
  expect(() => requestOf(aMessage(), {}, [], t0)).toThrow("no secret to sign");
});

const headersOf = (
  message: Parameters<typeof aMessage>[0],
  payload: Parameters<typeof requestOf>[1] = {},
) => requestOf(aMessage(message), payload, [secret], t0 + 999).headers;

describe("The type of a body", () => {
  test.each([
    ["json", "application/json"],
    ["text", "text/plain; charset=utf-8"],
    ["bytes", "application/octet-stream"],
  ] as const)("given as %s is %s, beside the sender's own headers", (bodyType, type) => {
    const headers = headersOf({ bodyType }, { headers: { "x-shop": "7" }, body: utf8("1") });

    expect(headers).toMatchObject({ "content-type": type, "x-shop": "7" });
  });

  test("is what the sender says it is, in whatever letters", () => {
    const headers = headersOf({ bodyType: "json" }, { headers: { "Content-Type": "text/csv" } });

    expect(headers).toMatchObject({ "Content-Type": "text/csv" });
    expect(headers).not.toHaveProperty("content-type");
  });

  test("is none where there is no body", () => {
    expect(headersOf({})).not.toHaveProperty("content-type");
  });
});

describe("The idempotency key of a request", () => {
  test("is its webhook-id, the same on every attempt", () => {
    const first = headersOf({ attempts: 1 });
    const second = headersOf({ attempts: 2 });

    expect(first["idempotency-key"]).toBe(first["webhook-id"]);
    expect(second["idempotency-key"]).toBe(first["idempotency-key"]);
  });

  test("is the sender's own where it gives one, in whatever letters", () => {
    const headers = headersOf({}, { headers: { "Idempotency-Key": "order-7" } });

    expect(headers).toMatchObject({ "Idempotency-Key": "order-7" });
    expect(headers).not.toHaveProperty("idempotency-key");
  });
});

describe("The trace of a request", () => {
  const trace = {
    ...{ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", flags: 1 },
    tracestate: "a=1",
  };
  const traced = (headers: Readonly<Record<string, string>> = {}) =>
    requestOf(aMessage(), { headers }, [secret], t0, trace).headers;

  test("is handed on by two headers", () => {
    expect(traced({ "x-shop": "7" })).toMatchObject({
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      ...{ tracestate: "a=1", "x-shop": "7" },
    });
  });

  test.each(["Traceparent", "TraceState"])(
    "is left to the sender where its message names %s, whole",
    (name) => {
      const headers = traced({ [name]: "own" });

      expect(headers).toMatchObject({ [name]: "own" });
      expect(headers).not.toHaveProperty("traceparent");
      expect(headers).not.toHaveProperty("tracestate");
    },
  );
});

test("A request tells its time in whole seconds, its attempt, and its message", () => {
  expect(headersOf({ attempts: 3 })).toMatchObject({
    "webhook-timestamp": String(t0 / 1000),
    "postrider-attempt": "3",
    "postrider-message-id": "order-7",
    "postrider-sender-id": "shop",
  });
});

test("A request says that it is of a replay, and of which, only if it is", () => {
  expect(headersOf({ replays: 2 })).toMatchObject({ "postrider-replay": "2" });
  expect(headersOf({ replays: 0 })).not.toHaveProperty("postrider-replay");
});

test("A request has the body of its payload, or none", () => {
  const body = utf8("{}");

  expect(requestOf(aMessage(), { body }, [secret], t0).body).toBe(body);
  expect(requestOf(aMessage(), {}, [secret], t0).body).toBeNull();
});
