/** When the client asks again, how long it waits, and when it gives up. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Fetch } from "../../client/outside.ts";
import { postriderOver } from "../../client/postrider.ts";

type Reply = { status: number; headers?: Record<string, string>; json?: unknown } | Error;

const accepted: Reply = { status: 202, json: { messageId: "order-1" } };
const busy = (headers: Record<string, string> = {}): Reply => ({
  ...{ status: 503, headers, json: { code: "SYSTEM_ERROR", detail: "Busy." } },
});
const lost = new TypeError("fetch failed");

let sent: Parameters<Fetch>[];
let waits: number[];
beforeEach(() => {
  sent = [];
  waits = [];
});

/** A client whose requests are answered so, one after the other; the last answer stays. */
const clientOf = (replies: readonly Reply[], settings: object = {}, random = 0.5) =>
  postriderOver({
    now: () => Date.parse("2026-03-01T12:00:00Z"),
    random: () => random,
    sleep: async (ms) => {
      waits.push(ms);
    },
    fetch: async (...request) => {
      const reply = replies[Math.min(sent.length, replies.length - 1)];
      sent.push(request);
      if (reply instanceof Error || reply === undefined) throw reply;
      const headers = new Headers(reply.headers);
      const text = typeof reply.json === "string" ? reply.json : JSON.stringify(reply.json);
      return {
        status: reply.status,
        headers,
        arrayBuffer: async () => new TextEncoder().encode(text).buffer,
      };
    },
  })({ url: "https://postrider.example.com", key: "prk_1", senderId: "shop", ...settings });

const send = (client: ReturnType<typeof clientOf>, options: object = {}) =>
  client.send({ messageId: "order-1", targetUrl: "https://example.com/", body: {} }, options);

describe("A request is sent again", () => {
  test.each<[string, Reply]>([
    ["after no answer", lost],
    ["after a 503", busy()],
    ["after a 429", { status: 429, json: { message: "Too Many Requests" } }],
    ["after a gateway's 502", { status: 502, json: "<html>" }],
  ])("%s, with the same bytes", async (_name, reply) => {
    const { messageId } = await send(clientOf([reply, reply, accepted]));

    expect(messageId).toBe("order-1");
    const bodies = sent.map(([, { body }]) => body);
    expect(bodies).toHaveLength(3);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? "")).toMatchObject({ messageId: "order-1" });
  });

  test("in the trace that the call was given, and in none without", async () => {
    const trace = { traceparent: "00-1-2-01", tracestate: "a=1" };

    await send(clientOf([lost, accepted]), trace);
    await send(clientOf([accepted]));

    const headers = sent.map(([, init]) => init.headers);
    expect(headers.slice(0, 2)).toEqual([
      expect.objectContaining(trace),
      expect.objectContaining(trace),
    ]);
    expect(headers[2]).not.toHaveProperty("traceparent");
    expect(headers[2]).not.toHaveProperty("tracestate");
  });

  test.each([
    ["no part of the bound", 0, [0, 0, 0]],
    ["half of the bound, which doubles", 0.5, [100, 200, 400]],
  ])("after a random wait: %s", async (_name, random, expected) => {
    await send(clientOf([lost, lost, lost, accepted], {}, random));

    expect(waits).toEqual(expected);
  });

  test("never after more than five seconds by itself", async () => {
    await send(clientOf([...Array(9).fill(lost), accepted], { requestsMax: 10 }, 1));

    expect(Math.max(...waits)).toBe(5000);
  });

  test.each([
    ["seconds", "2"],
    ["a date", "Sun, 01 Mar 2026 12:00:02 GMT"],
  ])("not before Retry-After, given as %s", async (_name, value) => {
    await send(clientOf([busy({ "retry-after": value }), accepted], {}, 0));

    expect(waits).toEqual([2000]);
  });

  test.each(["soon", "-1", "Sun, 01 Mar 2026 11:00:00 GMT"])(
    "as if it were not there after a Retry-After of %s",
    async (value) => {
      await send(clientOf([busy({ "retry-after": value }), accepted], {}, 0));

      expect(waits).toEqual([0]);
    },
  );
});

describe("A call ends", () => {
  test.each<[string, Reply, object]>([
    [
      "what the service says at last",
      busy(),
      { code: "SYSTEM_ERROR", message: "Busy.", status: 503, requests: 4 },
    ],
    ["that no answer came", lost, { code: "NO_ANSWER", cause: lost, requests: 4 }],
    [
      "that something else answered",
      { status: 500, json: { message: "Internal Server Error" } },
      { code: "UNEXPECTED_ANSWER", status: 500, requests: 4 },
    ],
  ])("after four requests, with %s", async (_name, reply, expected) => {
    await expect(send(clientOf([reply]))).rejects.toMatchObject(expected);
    expect(sent).toHaveLength(4);
  });

  test.each<[string, Reply, string]>([
    ["a fault of the request", { status: 404, json: { code: "NOT_FOUND" } }, "NOT_FOUND"],
    ["a redirect, which is not followed", { status: 307, json: "" }, "UNEXPECTED_ANSWER"],
    ["a page of something else", { status: 200, json: "<html>" }, "UNEXPECTED_ANSWER"],
    ["a wait that is too long", busy({ "retry-after": "31" }), "SYSTEM_ERROR"],
  ])("at once after %s", async (_name, reply, code) => {
    await expect(send(clientOf([reply]))).rejects.toMatchObject({ code, requests: 1 });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.[1].redirect).toBe("manual");
  });

  test("with the reason of its signal, and no other request", async () => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const client = postriderOver({
      ...{ now: () => 0, random: () => 0, sleep: async () => controller.abort(reason) },
      fetch: async (...request) => {
        sent.push(request);
        throw lost;
      },
    })({ url: "https://postrider.example.com", key: "prk_1", senderId: "shop" });

    await expect(client.get("a", { signal: controller.signal })).rejects.toBe(reason);
    expect(sent).toHaveLength(1);
  });

  test("with the reason of its signal, also where no request would have followed", async () => {
    const controller = new AbortController();
    const reason = new Error("shutting down");
    const client = postriderOver({
      ...{ now: () => 0, random: () => 0, sleep: async () => {} },
      fetch: async () => {
        controller.abort(reason);
        throw lost;
      },
    })({ url: "https://postrider.example.com", key: "prk_1", senderId: "shop", requestsMax: 1 });

    await expect(client.get("a", { signal: controller.signal })).rejects.toBe(reason);
  });

  test("with NO_ANSWER when no answer comes in time", async () => {
    const client = postriderOver({
      ...{ now: () => 0, random: () => 0, sleep: async () => {} },
      fetch: (_url, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    })({ url: "https://a.example", key: "k", senderId: "shop", timeoutMs: 1, requestsMax: 2 });

    await expect(client.get("a")).rejects.toMatchObject({ code: "NO_ANSWER", requests: 2 });
  });
});
