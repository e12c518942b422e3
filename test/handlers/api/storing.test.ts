/** What a submit leaves in the table and on the queue when nothing goes wrong. */
import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../../domain/message.ts";
import { payloadStore } from "../../../entities/payload.ts";
import { senderStore } from "../../../entities/sender.ts";
import { aRequest, options, sealedSecretOf, start, useService } from "../../support/service.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 86_400_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let ids = 0;
const anId = (): string => `stored-${++ids}`;

/** Submits a message of its own id, with these members; what is stored of it afterwards. */
const stored = async (members: Readonly<Record<string, unknown>> = {}): Promise<Message> => {
  const messageId = anId();
  const { status } = await service.submit(aRequest({ messageId, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return existing(messageId);
};

/** The headers and body of a message, wherever they are stored. */
const contentOf = (message: Message) =>
  message.payload ? payloadStore(service.storage).get(message) : message;

const existing = async (messageId: string): Promise<Message> => {
  const message = await service.get(messageId);
  if (!message) throw new Error("The message is not stored");
  return message;
};

/** The delay that was asked for when the record of a message was sent, in seconds. */
const delayOf = (messageId: string): unknown =>
  service.faults
    .inputs("SendMessage")
    .find(({ MessageBody: body }) => JSON.parse(String(body)).messageId === messageId)?.[
    "DelaySeconds"
  ];

describe("A new message", () => {
  test("is stored PENDING, with no attempts, before its record is sent", async () => {
    const messageId = anId();
    let before: Message | undefined;
    service.faults.before("SendMessage", async () => {
      before = await service.get(messageId);
    });

    const { status } = await service.submit(aRequest({ messageId }));

    expect(status).toBe(202);
    expect(before).toMatchObject({ status: "PENDING", attempts: 0, pendingAt: start });
  });

  test("is shown in the answer, with the state it has come to", async () => {
    const messageId = anId();

    const answer = await service.submit(aRequest({ messageId }));

    expect(answer.status).toBe(202);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.json).toEqual({
      messageId,
      senderId: "shop",
      status: "QUEUED",
      attempts: 0,
      timestamp: "2026-03-01T12:00:00.000Z",
      targetUrl: "http://127.0.0.1:8080/hook",
      createdAt: "2026-03-01T12:00:00.000Z",
      expiresAt: "2026-03-31T12:00:00.000Z",
      duplicate: false,
    });
  });

  test("is QUEUED once its record is sent, and else as it was", async () => {
    const messageId = anId();
    let before: Message | undefined;
    service.faults.before("SendMessage", async () => {
      before = await service.get(messageId);
      service.advance(700);
    });

    await service.submit(aRequest({ messageId, headers: { "X-A": "1" } }));

    const now = service.now();
    expect(await service.get(messageId)).toEqual({
      ...before,
      status: "QUEUED",
      queuedAt: now,
      updatedAt: now,
    });
    expect(service.recordsOf(messageId)).toEqual([
      { v: 1, senderId: "shop", messageId, attempt: 1 },
    ]);
  });

  test("has one line in the log, with every change of state", async () => {
    const { messageId } = await stored();

    expect(service.linesOf("submit").filter((line) => line.messageId === messageId)).toEqual([
      {
        event: "submit",
        senderId: "shop",
        keyId: expect.stringMatching(/^[\w-]{12}$/),
        messageId,
        targetHost: "127.0.0.1:8080",
        bodyBytes: 11,
        status: "QUEUED",
        duplicate: false,
        transitions: [
          { verb: "submit", from: undefined, to: "PENDING" },
          { verb: "enqueue", from: "PENDING", to: "QUEUED" },
        ],
        durationMs: 0,
      },
    ]);
  });

  test("costs one put, one send and one update, and no read", async () => {
    await stored();
    const before = service.faults.calls.length;

    await stored();

    // The last is the test's own look at what is stored.
    expect(service.faults.calls.slice(before)).toEqual([
      ...["PutItem", "SendMessage", "UpdateItem"],
      "GetItem",
    ]);
  });
});

describe("What the sender gave", () => {
  test.each([
    ["a time of another zone", { timestamp: "2026-03-01T14:00:00.123456+02:00" }],
    ["a URL with a fragment", { targetUrl: "http://127.0.0.1:8080/a%20b/%C3%A9?q=%2B#part" }],
    ["a URL in other letters", { targetUrl: "HTTPS://Example.COM:443/Hook?B=2&a=1" }],
    ["the method DELETE", { method: "DELETE" }],
    ["no method", { method: undefined }],
    ["names of headers in any case", { headers: { "X-Ab": "1", aCCEPT: "text/plain" } }],
    ["a header that is not ASCII", { headers: { "x-name": "Zoë\t£" } }],
    ["an empty header", { headers: { "x-empty": "" } }],
    ["no header in an empty object", { headers: {} }],
  ])("is stored as it was given: %s", async (_name, members) => {
    const message = await stored(members);

    expect(message).toMatchObject(JSON.parse(JSON.stringify(members)));
    expect(message.senderId).toBe("shop");
  });

  test.each([
    ["a string", "a string", "a string"],
    ["an empty string", "", ""],
    ["a string that is not ASCII", "Zoë 😀\u0000\r\n", "Zoë 😀\u0000\r\n"],
    ["a string that looks like JSON", '{"b": 1}', '{"b": 1}'],
    [
      "an object, with its members in order",
      { b: 1, a: { d: null, c: [] } },
      '{"b":1,"a":{"d":null,"c":[]}}',
    ],
    ["null", null, "null"],
    ["false", false, "false"],
    ["a number", 0.1, "0.1"],
  ])("is stored byte for byte, if it is a body: %s", async (_name, body, sent) => {
    const message = await stored({ body });

    expect(Buffer.from(message.body ?? []).toString()).toBe(sent);
    expect(message.body).toBeDefined();
    expect(message.bodyType).toBe(typeof body === "string" ? "text" : "json");
  });

  test.each([
    '{"__proto__":{"a":1},"Zoë":"\\u00e9\\/","big":12345678901234567000}',
    '{"a":1,"a":2}',
    ' { "a" : 10.00 , "1" : [ 9007199254740993 , -0 , 1e400 ] } '.trim(),
    "12345678901234567890",
    "10.00",
    '["\\ud800"]',
    "{\n\t}",
  ])("is stored as it was written, to the byte, if it is a JSON body: %s", async (text) => {
    const messageId = anId();

    await service.request("/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(aRequest({ messageId })).replace('{"order":1}', ` \n${text}\t`),
    });

    const { body, bodyType } = await existing(messageId);
    expect(Buffer.from(body ?? []).toString()).toBe(text);
    expect(bodyType).toBe("json");
  });

  test.each([
    ["no byte", []],
    ["bytes that are no text", [0xff, 0x00, 0xfe, 0x80, 0x0a]],
    ["every byte there is", Array.from({ length: 256 }, (_, byte) => byte)],
  ])("is stored as the bytes that its base64 stands for: %s", async (_name, bytes) => {
    const bodyBase64 = Buffer.from(bytes).toString("base64");

    const message = await stored({ body: undefined, bodyBase64 });

    const { body } = (await contentOf(message)) ?? {};
    expect(body && [...body]).toEqual(bytes);
    expect(message.bodyType).toBe("bytes");
  });

  test("may be without a body, and is then stored without one", async () => {
    const message = await stored({ body: undefined });

    expect(message).not.toHaveProperty("body");
    expect(message).not.toHaveProperty("bodyType");
    expect(message).not.toHaveProperty("payload");
  });
});

describe("Headers and body", () => {
  const headers = { "X-Shop": "Zoë" };

  test("that are small are part of the message", async () => {
    const { messageId, payload, body } = await stored({ headers, body: "x".repeat(100) });

    expect(payload).toBeUndefined();
    expect(body).toHaveLength(100);
    const { payloads } = await service.history({ senderId: "shop", messageId });
    expect(payloads).toEqual([]);
  });

  test("that are large are stored apart, and are then not in the message", async () => {
    const body = "ä".repeat(1000);

    const message = await stored({ headers, body });

    expect(message.payload).toBe(true);
    expect(message).not.toHaveProperty("headers");
    expect(message).not.toHaveProperty("body");
    const payload = await contentOf(message);
    expect(payload?.headers).toEqual(headers);
    expect(Buffer.from(payload?.body ?? []).toString()).toBe(body);
  });

  test("that are large are stored before the message, and kept for as long", async () => {
    const messageId = anId();
    const before = service.faults.inputs("PutItem").length;

    await service.submit(aRequest({ messageId, body: "x".repeat(2000) }));

    const entities = service.faults
      .inputs("PutItem")
      .slice(before)
      .map(({ Item: item }) => (item as Record<string, { S: string }>)["__edb_e__"]?.S);
    const { message, payloads } = await service.history({ senderId: "shop", messageId });
    expect(entities).toEqual(["payload", "message"]);
    expect(payloads.map(({ ttl }) => ttl)).toEqual([message?.ttl]);
  });

  test("of every size are stored whole, on either side of the limit", async () => {
    for (let size = 400; size <= 700; size += 20) {
      const message = await stored({ body: "x".repeat(size) });
      const content = await contentOf(message);

      expect(content?.body).toHaveLength(size);
    }
  });
});

describe("A message is kept", () => {
  const ttl = (at: number): number => Math.ceil(at / 1000);

  test.each([
    ["for 30 days if it does not say otherwise", () => ({}), 30 * dayMs],
    ["for as many days as it says", () => ({ retentionDays: 200 }), 200 * dayMs],
    [
      "for a day after its last moment if that is later",
      (now: number) => ({ retentionDays: 1, giveUpAt: iso(now + 10 * dayMs) }),
      11 * dayMs,
    ],
    [
      "for a day after the default last moment of a far first attempt",
      (now: number) => ({ retentionDays: 1, deliverAt: iso(now + 20 * dayMs) }),
      24 * dayMs,
    ],
    [
      "for its retention if its last moment comes before",
      (now: number) => ({ retentionDays: 20, giveUpAt: iso(now + dayMs) }),
      20 * dayMs,
    ],
    ["for four days at least", () => ({ retentionDays: 1 }), 4 * dayMs],
  ])("%s", async (_name, members, keptMs) => {
    const now = service.now();

    const message = await stored(members(now));

    expect(message.ttl).toBe(ttl(now + keptMs));
    expect(message.createdAt).toBe(now);
  });

  test("with what its sender set as its defaults, where it does not say otherwise", async () => {
    await senderStore(service.storage).create({
      senderId: "patient",
      createdAt: start,
      signingSecrets: [sealedSecretOf("patient")],
      scheduleMs: [minuteMs, 2 * minuteMs],
      timeoutMs: 4000,
      retentionDays: 7,
    });
    const key = await service.senderWithKey("patient");
    const messageId = anId();

    await service.submit(aRequest({ messageId, senderId: "patient" }), key);

    expect(await service.get(messageId, "patient")).toMatchObject({
      scheduleMs: [minuteMs, 2 * minuteMs],
      attemptsAllowed: 3,
      timeoutMs: 4000,
      retentionDays: 7,
      ttl: ttl(service.now() + 7 * dayMs),
    });
  });

  test("with what it asks for itself", async () => {
    const message = await stored({
      retry: { maxAttempts: 2, schedule: ["250ms", "1h"] },
      timeoutMs: 100,
    });

    expect(message).toMatchObject({
      attemptsAllowed: 2,
      scheduleMs: [250, 3_600_000],
      timeoutMs: 100,
    });
    const { attemptsAllowed, scheduleMs, timeoutMs } = await stored();
    expect({ attemptsAllowed, scheduleMs, timeoutMs }).toEqual({ attemptsAllowed: 4 });
  });
});

describe("A first attempt", () => {
  test.each([
    ["in no time", 0, 0],
    ["in the past", -5 * minuteMs, 0],
    ["in a moment", 1, 1],
    ["in less than two seconds", 1001, 2],
    ["in 15 minutes", 15 * minuteMs, 900],
  ])("that is to be %s is left to the queue to delay", async (_name, ahead, delaySeconds) => {
    const now = service.now();

    const message = await stored({ deliverAt: iso(now + ahead) });

    const notBefore = now + Math.max(0, ahead);
    expect(message).toMatchObject({
      status: "QUEUED",
      notBefore,
      dueAt: notBefore + options.graceMs,
      giveUpAt: notBefore + 3 * dayMs,
    });
    expect(delayOf(message.messageId)).toBe(delaySeconds);
  });

  test.each([
    ["in a millisecond more than 15 minutes", 15 * minuteMs + 1],
    ["in 30 days", 30 * dayMs],
  ])("that is to be %s is left to the dispatcher to send", async (_name, ahead) => {
    const notBefore = service.now() + ahead;

    const message = await stored({ deliverAt: iso(notBefore) });

    expect(message).toMatchObject({
      status: "PENDING",
      notBefore,
      dueAt: notBefore - 2 * minuteMs,
      giveUpAt: notBefore + 3 * dayMs,
    });
    expect(service.recordsOf(message.messageId)).toEqual([]);
  });

  test("that is far is not sent by a repeat, but is once it is near", async () => {
    const deliverAt = iso(service.now() + 20 * minuteMs);
    const { messageId } = await stored({ deliverAt });

    const early = await service.submit(aRequest({ messageId, deliverAt }));
    expect(early.json).toMatchObject({ status: "PENDING", duplicate: true });
    expect(service.recordsOf(messageId)).toEqual([]);

    service.advance(6 * minuteMs);
    const late = await service.submit(aRequest({ messageId, deliverAt }));
    expect(late.json).toMatchObject({ status: "QUEUED", duplicate: true });
    expect(delayOf(messageId)).toBe(14 * 60);
  });
});
