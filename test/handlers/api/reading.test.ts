/** What a sender is shown of its messages, and of nobody else's. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, openService, type Service } from "../../support/service.ts";

const minuteMs = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;
const anId = (): string => `read-${++ids}`;

beforeAll(async () => {
  service = await openService();
  receiver = await openReceiver(() => answer);
});
afterEach(() => {
  service.faults.clear();
  answer = { status: 200 };
});
afterAll(async () => {
  receiver.close();
  await service.close();
});

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
  test("are none at first", async () => {
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
          timings: { firstByteMs: 0 },
          responseText: "over quota",
        },
        { number: 2, outcome: "delivered", class: "accepted", status: 201 },
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
      notAfter: { notBefore: service.now() },
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
        { number: 2, outcome: "delivered", class: "accepted", status: 200 },
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
      [theirs, "none", "x".repeat(129), "a%23b", "a%2Fb", "%zz", "%F0", "a%00"].map((id) =>
        service.request(`/v1/messages/${id}${path}`),
      ),
    );

    for (const { status, text, headers } of answers) {
      expect([status, text]).toEqual([404, notFound]);
      expect([...headers]).toEqual([...(answers[0]?.headers ?? [])]);
      expect(headers.get("content-type")).toBe("application/problem+json");
    }
  });

  test("costs no look into the table if its id cannot be one", async () => {
    await service.request("/v1/messages/none");
    const before = service.faults.calls.length;

    await service.request("/v1/messages/a%23b");

    expect(service.faults.calls).toHaveLength(before);
  });
});

describe("An address", () => {
  test.each([
    ["GET", "/v1/messages", "POST"],
    ["PUT", "/v1/messages", "POST"],
    ["DELETE", "/v1/messages/order-1", "GET"],
    ["POST", "/v1/messages/order-1", "GET"],
    ["POST", "/v1/messages/order-1/attempts", "GET"],
    ["POST", "/healthz", "GET"],
  ])("says what is possible there in place of %s %s", async (method, path, allow) => {
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
    "that is none is told so: %s",
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
