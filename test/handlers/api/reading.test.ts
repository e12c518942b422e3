/** What a sender is shown of its messages, and of nobody else's. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startHttpServer } from "../../../local/http-server.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;
const anId = (): string => `read-${++ids}`;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterEach(() => {
  answer = { status: 200 };
});
afterAll(() => receiver.close());

const submitted = async (members: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const messageId = anId();
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(aRequest({ messageId, targetUrl, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return messageId;
};

/** Makes an attempt of a message, which the target answers as given, a second after what was. */
const attempt = async (messageId: string, number: number, given: Answer): Promise<void> => {
  answer = given;
  service.advance(1000);
  await service.work({ v: 1, senderId: "shop", messageId, attempt: number });
};

const shown = async (messageId: string) =>
  (await service.request(`/v1/messages/${messageId}`)).json;
const attemptsOf = async (messageId: string) =>
  (await service.request(`/v1/messages/${messageId}/attempts`)).json;

const asSubmitted = (messageId: string, at: number) => ({
  messageId,
  senderId: "shop",
  timestamp: "2026-03-01T12:00:00.000Z",
  targetUrl: `${receiver.url}/hook`,
  method: "POST",
  headers: {},
  attemptsAllowed: 4,
  replays: 0,
  why: expect.any(String),
  createdAt: iso(at),
  pendingAt: iso(at),
  queuedAt: iso(at),
  giveUpAt: iso(at + 3 * 1440 * minuteMs),
  expiresAt: iso(at + 30 * 1440 * minuteMs),
});

describe("A message is shown", () => {
  test("as it was submitted, with its state, and without its body", async () => {
    const at = service.now();
    const messageId = await submitted({ method: "PUT", headers: { "X-Shop": "Zoë" } });

    const { status, headers, json } = await service.request(`/v1/messages/${messageId}`);

    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(json).toEqual({
      ...asSubmitted(messageId, at),
      status: "QUEUED",
      attempts: 0,
      method: "PUT",
      headers: { "X-Shop": "Zoë" },
      notBefore: iso(at),
      updatedAt: iso(at),
    });
  });

  test("with what its last attempt came to, and when it will be tried again", async () => {
    const at = service.now();
    const messageId = await submitted();

    await attempt(messageId, 1, { status: 503 });

    const tried = service.now();
    expect(await shown(messageId)).toEqual({
      ...asSubmitted(messageId, at),
      status: "QUEUED",
      attempts: 1,
      lastOutcome: { attempt: 1, class: "status", status: 503, at: iso(tried) },
      pendingAt: iso(tried),
      queuedAt: iso(tried),
      processingAt: iso(tried),
      updatedAt: iso(tried),
      notBefore: iso(tried + 5000),
    });
  });

  test("with when it was delivered", async () => {
    const at = service.now();
    const messageId = await submitted();

    await attempt(messageId, 1, { status: 204 });

    const done = iso(service.now());
    expect(await shown(messageId)).toEqual({
      ...asSubmitted(messageId, at),
      status: "COMPLETED",
      attempts: 1,
      lastOutcome: { attempt: 1, class: "accepted", status: 204, at: done },
      processingAt: done,
      completedAt: done,
      updatedAt: done,
    });
  });

  test("with why it failed", async () => {
    const at = service.now();
    const messageId = await submitted();

    await attempt(messageId, 1, { status: 410 });

    const done = iso(service.now());
    expect(await shown(messageId)).toEqual({
      ...asSubmitted(messageId, at),
      status: "FAILED",
      attempts: 1,
      failReason: "gone",
      lastOutcome: { attempt: 1, class: "status", status: 410, at: done },
      processingAt: done,
      failedAt: done,
      updatedAt: done,
    });
  });

  test.each([
    ["small", "x"],
    ["large", "x".repeat(2000)],
  ])("with its secret headers masked and its body left out, if it is %s", async (_size, body) => {
    const messageId = await submitted({
      headers: { Authorization: "Bearer canary", "X-Api-Key": "canary", cookie: "", "x-a": "1" },
      body: `canary${body}`,
    });

    const { text, json } = await service.request(`/v1/messages/${messageId}`);

    expect(json.headers).toEqual({
      Authorization: "***",
      "X-Api-Key": "***",
      cookie: "***",
      "x-a": "1",
    });
    expect(text).not.toContain("canary");
  });

  test("as it is while it waits for a far first attempt", async () => {
    const notBefore = service.now() + 20 * minuteMs;
    const messageId = await submitted({ deliverAt: iso(notBefore) });

    const json = await shown(messageId);

    expect(json).toMatchObject({ status: "PENDING", attempts: 0, notBefore: iso(notBefore) });
    expect(json).not.toHaveProperty("queuedAt");
  });
});

describe("The attempts of a message", () => {
  test("are an empty list at first", async () => {
    expect(await attemptsOf(await submitted())).toEqual({ attempts: [] });
  });

  test("are shown by number, with what came back", async () => {
    const messageId = await submitted();
    const failure = { status: 500, headers: { "content-type": "text/plain" }, body: "over quota" };

    await attempt(messageId, 1, failure);
    const startedAt = iso(service.now());
    service.advance(5000);
    await attempt(messageId, 2, { status: 201 });

    const { status, headers } = await service.request(`/v1/messages/${messageId}/attempts`);
    expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await attemptsOf(messageId)).toEqual({
      attempts: [
        {
          number: 1,
          outcome: "failed",
          class: "status",
          status: 500,
          startedAt,
          durationMs: 0,
          // With the time of a connection, where the one before was not kept.
          timings: expect.objectContaining({ firstByteMs: 0 }),
          responseText: "over quota",
        },
        {
          ...{ number: 2, outcome: "delivered", class: "accepted", status: 201 },
          ...{ startedAt: expect.any(String), durationMs: 0, timings: expect.any(Object) },
        },
      ],
    });
  });

  test("are in progress while a worker holds the message, and unknown once it is gone", async () => {
    const messageId = await submitted();
    const message = await service.get(messageId);
    if (!message) throw new Error("The message is not stored");
    await service.messages.claim(message, {
      now: service.now(),
      seen: message,
      notAfter: { notBefore: service.now(), dueAt: service.now() + 65_000 },
      set: { owner: "a-worker", leaseUntil: service.now() + 65_000 },
    });

    const during = await attemptsOf(messageId);
    service.advance(5 * minuteMs);
    await service.dispatch();
    const after = await attemptsOf(messageId);
    service.advance(5 * minuteMs);
    await attempt(messageId, 2, { status: 200 });
    const end = await attemptsOf(messageId);

    expect(during).toEqual({ attempts: [{ number: 1, outcome: "in-progress" }] });
    expect(after).toEqual({ attempts: [{ number: 1, outcome: "unknown" }] });
    expect(end).toEqual({
      attempts: [
        { number: 1, outcome: "unknown" },
        {
          ...{ number: 2, outcome: "delivered", class: "accepted", status: 200 },
          ...{ startedAt: expect.any(String), durationMs: 0, timings: { firstByteMs: 0 } },
        },
      ],
    });
  });
});

describe("A message that is not there", () => {
  const notFound =
    '{"type":"urn:postrider:problem:not-found","status":404,"title":"There is nothing here","code":"NOT_FOUND","detail":"There is no such message."}';

  test.each(["", "/attempts"])("is answered like one that is another's (%s)", async (path) => {
    const key = await service.senderWithKey("bakery");
    const theirs = anId();
    await service.submit(aRequest({ messageId: theirs, senderId: "bakery" }), key);
    expect((await service.request(`/v1/messages/${theirs}${path}`, {}, key)).status).toBe(200);

    const answers = await Promise.all(
      [theirs, "none", "x".repeat(129), "a%23b", "~YS9i", "a%20b", "a%00"].map((id) =>
        service.request(`/v1/messages/${id}${path}`),
      ),
    );

    for (const { status, text, headers } of answers) {
      expect([status, text]).toEqual([404, notFound]);
      expect([...headers]).toEqual([...(answers[0]?.headers ?? [])]);
      expect(headers.get("content-type")).toBe("application/problem+json");
    }
  });

  test("is not looked for in the table if its id is not valid", async () => {
    await service.request("/v1/messages/none");
    const before = service.faults.calls.length;

    await service.request("/v1/messages/a%20b");
    await service.request("/v1/messages/a%20b/attempts");

    expect(service.faults.calls).toHaveLength(before);
  });
});

describe("An address", () => {
  test.each([
    ["PUT", "/v1/messages", "POST, GET"],
    ["DELETE", "/v1/messages", "POST, GET"],
    ["PUT", "/v1/messages/order-1", "GET, DELETE"],
    ["POST", "/v1/messages/order-1", "GET, DELETE"],
    ["POST", "/v1/messages/order-1/attempts", "GET"],
    ["PUT", "/v1/messages/batch", "POST, GET, DELETE"],
    ["POST", "/healthz", "GET"],
  ])("answers %s %s with the methods that are possible there", async (method, path, allow) => {
    const { status, headers, json } = await service.request(path, { method });

    expect([status, headers.get("allow")]).toEqual([405, allow]);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(json).toEqual({
      type: "urn:postrider:problem:method-not-allowed",
      title: "This method is not for this address",
      status: 405,
      code: "METHOD_NOT_ALLOWED",
      detail: `Only ${allow} is possible here.`,
    });
  });

  test.each(["/", "/v1", "/v1/messages/", "/v1/messages/a/b", "/v2/messages", "/favicon.ico"])(
    "that does not exist is a 404 that says so: %s",
    async (path) => {
      const { status, headers, json } = await service.request(path);

      expect([status, json.code]).toEqual([404, "NOT_FOUND"]);
      expect(headers.get("content-type")).toBe("application/problem+json");
      expect(json.detail).toBe("There is nothing at this address.");
    },
  );

  test("for the health of the service asks for no key, and no table", async () => {
    const before = service.faults.calls.length;

    const response = await service.api.request("/healthz");

    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    expect(service.faults.calls).toHaveLength(before);
  });
});

describe("A path with an id of another system", () => {
  const submit = async (messageId: string) =>
    (await service.submit(aRequest({ messageId, targetUrl: `${receiver.url}/hook` }))).status;

  test.each(["a+b@c.example", "a,b|c=", "100%", "a%2Fb", "a#b"])(
    "finds %s if it is percent-encoded",
    async (messageId) => {
      await submit(messageId);

      const path = `/v1/messages/${encodeURIComponent(messageId)}`;
      const [message, attempts] = [
        await service.request(path),
        await service.request(`${path}/attempts`),
      ];

      expect([message.status, message.json.messageId]).toEqual([200, messageId]);
      expect(attempts.status).toBe(200);
    },
  );

  test.each(["%", "a%", "%zz", "%ff", "%C3%28", "a%2Fb", "a%3Fb", "~", "~a", "%7E"])(
    "is refused as %s, which names no message",
    async (segment) => {
      for (const path of [`/v1/messages/${segment}`, `/v1/messages/${segment}/attempts`]) {
        const { status, json } = await service.request(path);

        expect([status, json.code, json.issues?.[0]?.path]).toEqual([
          400,
          "VALIDATION_ERROR",
          ["messageId"],
        ]);
      }
    },
  );

  test.each(["l/attempts", "l?b", "l%2Fb", "..%2f..", "l+b@c.example", "~", "#"])(
    "finds %s over the local server where its location says",
    async (messageId) => {
      const server = await startHttpServer({ fetch: service.api.fetch, port: 0, drainMs: 1000 });
      const headers = { authorization: `Bearer ${service.apiKey}` };
      const { headers: answered } = await service.submit(aRequest({ messageId }));
      const url = `${server.url}${answered.get("location")}`;

      const message = await fetch(url, { headers });
      const attempts = await fetch(`${url}/attempts`, { headers });

      expect(await message.json()).toMatchObject({ messageId });
      expect(await attempts.json()).toEqual({ attempts: [] });
      await server.stop();
    },
  );

  test("is refused to whoever has no key before it is looked at", async () => {
    expect((await service.request("/v1/messages/%", {}, "none")).status).toBe(401);
  });

  test("is refused where it could mean the attempts of one message or another", async () => {
    await submit("both");
    const before = await service.request("/v1/messages/both/attempts");
    await submit("both/attempts");

    const plain = await service.request("/v1/messages/both/attempts");
    const itself = await service.request("/v1/messages/both");
    const one = await service.request("/v1/messages/~Ym90aA/attempts");
    const other = await service.request("/v1/messages/~Ym90aC9hdHRlbXB0cw");

    expect([before.status, plain.status, one.status, other.status]).toEqual([200, 400, 200, 200]);
    expect([itself.status, itself.json.messageId]).toEqual([200, "both"]);
    expect(plain.json.issues).toEqual([
      {
        path: ["messageId"],
        message: "with /attempts is the id of a message too: write it as ~ and its base64url",
      },
    ]);
    expect(other.json.messageId).toBe("both/attempts");
  });

  test("is delivered under its id, unharmed", async () => {
    const messageId = "arn:aws:s3:::b/k?v=1#%2F@+|~";
    await submit(messageId);

    await attempt(messageId, 1, { status: 200 });

    expect((await service.get(messageId))?.status).toBe("COMPLETED");
    expect(receiver.of(messageId)).toHaveLength(1);
    expect(service.lines.at(-1)).toMatchObject({ event: "attempt", messageId });
  });
});
