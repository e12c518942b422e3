/** One pair of sender and message id is one message, however often and by whomever it is submitted. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Message } from "../../../domain/message.ts";
import type { DeliveryRecord } from "../../../domain/record.ts";
import { awsError } from "../../support/faults.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const dayMs = 86_400_000;

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;
const anId = (): string => `repeat-${++ids}`;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterEach(() => {
  answer = { status: 200 };
});
afterAll(() => receiver.close());

const toReceiver = (members: Readonly<Record<string, unknown>>) =>
  aRequest({ targetUrl: `${receiver.url}/hook`, ...members });

const firstRecord = (messageId: string): DeliveryRecord => ({
  v: 1,
  senderId: "shop",
  messageId,
  attempt: 1,
});

const large = { headers: { "X-A": "1" }, body: "x".repeat(2000) };

/** Everything that is stored under an id of the shop, as the table has it. */
const itemsOf = async (messageId: string) => {
  const items = await service.table.scan();
  return items.filter(({ pk }) => pk === `$postrider#senderId_shop#messageId_${messageId}`);
};

describe("A repeat of a submit", () => {
  test.each([
    ["small", {}],
    ["large", large],
  ])(
    "fifty times at once makes one message, if it is %s, and one delivery",
    async (_name, members) => {
      const messageId = anId();
      const request = toReceiver({ messageId, ...members });

      const answers = await Promise.all(Array.from({ length: 50 }, () => service.submit(request)));

      const statuses = answers.map(({ status }) => status).sort();
      expect(statuses).toEqual([...Array(49).fill(200), 202]);
      expect(new Set(answers.map(({ json }) => json.createdAt)).size).toBe(1);
      const { payloads, attempts } = await service.history({ senderId: "shop", messageId });
      expect([payloads.length, attempts.length]).toEqual([members === large ? 1 : 0, 0]);

      await service.work(...service.recordsOf(messageId));
      expect(receiver.of(messageId)).toHaveLength(1);
      expect(await service.get(messageId)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    },
  );

  test("answers with the message as it is, and writes and sends nothing", async () => {
    const messageId = anId();
    const first = await service.submit(aRequest({ messageId }));
    const before = await itemsOf(messageId);
    service.advance(1000);

    const repeat = await service.submit(aRequest({ messageId }));

    expect(repeat.status).toBe(200);
    expect(repeat.json).toEqual({ ...first.json, duplicate: true });
    expect(await itemsOf(messageId)).toEqual(before);
    expect(service.recordsOf(messageId)).toHaveLength(1);
    expect(service.lines.at(-1)).toMatchObject({ event: "submit", messageId, duplicate: true });
  });

  test("of a message that is COMPLETED sends nothing", async () => {
    const messageId = anId();
    await service.submit(toReceiver({ messageId }));
    await service.work(firstRecord(messageId));
    const sent = service.recordsOf(messageId).length;

    const repeat = await service.submit(toReceiver({ messageId }));

    expect(repeat.status).toBe(200);
    expect(repeat.json).toMatchObject({ status: "COMPLETED", attempts: 1, duplicate: true });
    expect(service.recordsOf(messageId)).toHaveLength(sent);
    expect(receiver.of(messageId)).toHaveLength(1);
  });

  test("of a message that is FAILED answers with that", async () => {
    answer = { status: 410 };
    const messageId = anId();
    await service.submit(toReceiver({ messageId }));
    await service.work(firstRecord(messageId));

    const { status, json } = await service.submit(toReceiver({ messageId }));

    expect([status, json.status, json.duplicate]).toEqual([200, "FAILED", true]);
  });

  test("that only stamps another time is a repeat, and the first time stays", async () => {
    const messageId = anId();
    await service.submit(aRequest({ messageId }));

    const timestamp = "2026-03-01T12:00:07Z";
    const { status, json } = await service.submit(aRequest({ messageId, timestamp }));

    expect([status, json.timestamp]).toEqual([200, "2026-03-01T12:00:00.000Z"]);
  });

  test.each([
    ["another order of its headers", { headers: { b: "2", a: "1" } }],
    ["the method that is the default", { method: "POST", headers: { a: "1", b: "2" } }],
    ["a policy that asks for nothing", { headers: { a: "1", b: "2" }, retry: {} }],
    ["nothing to redact", { headers: { a: "1", b: "2" }, redact: [] }],
  ])("is recognised also with %s", async (_name, members) => {
    const messageId = anId();
    await service.submit(aRequest({ messageId, headers: { a: "1", b: "2" } }));

    const { status } = await service.submit(aRequest({ messageId, ...members }));

    expect(status).toBe(200);
  });

  /** A submit of this id whose body is this text. */
  const submitText = (messageId: string, text: string) =>
    service.request("/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(toReceiver({ messageId, body: "%" })).replace('"%"', text),
    });
  const padding = (text: string, size: number) => `{"a":${text},"b":"${"x".repeat(size)}"}`;

  test.each([
    ["10", "10.00", 200],
    ['"é/"', '"\\u00e9\\/"', 200],
    ["[1,2]", "[ 1,\n2 ]", 200],
    ["1e400", "10e399", 200],
    ["9007199254740993", "9007199254740992", 409],
    ["12345678901234567890", "12345678901234567891", 409],
    ["-0", "0", 409],
  ])("is judged on the value of a JSON body: %s, then %s", async (one, other, status) => {
    for (const size of [1, 2000]) {
      const messageId = anId();
      expect((await submitText(messageId, padding(one, size))).status).toBe(202);

      expect((await submitText(messageId, padding(other, size))).status).toBe(status);
      expect((await submitText(messageId, padding(one, size))).status).toBe(200);
    }
  });

  test.each([
    ["large, as the first version wrote it", padding("10", 2000)],
    ["large, in a spelling of its own", padding(" 10.00", 2000)],
    ["small", padding("10.0", 1)],
  ])("in another spelling leaves the bytes of the first as they are: %s", async (_name, text) => {
    const messageId = anId();
    await submitText(messageId, text);

    // Later, so that the payload of the repeat would be kept for longer.
    service.advance(60_000);
    for (const spelling of [text.replace(/10[.0]*/, "1e1"), text.replace(/ ?10[.0]*/, "10")])
      expect((await submitText(messageId, spelling)).status).toBe(200);

    await service.work(firstRecord(messageId));
    expect(receiver.of(messageId).map(({ body }) => body.toString())).toEqual([text]);
  });

  test("in another spelling, at the same time, is one message in one of the spellings", async () => {
    const messageId = anId();
    const spellings = [padding("10", 2000), padding("10.0", 2000), padding("1e1", 2000)];

    const answers = await Promise.all(spellings.map((text) => submitText(messageId, text)));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 202]);
    const stored = spellings[answers.findIndex(({ status }) => status === 202)];
    await service.work(firstRecord(messageId));
    expect(receiver.of(messageId).map(({ body }) => body.toString())).toEqual([stored]);
  });

  test("after its last moment is still a repeat, and no new message", async () => {
    const messageId = anId();
    const giveUpAt = new Date(service.now() + 60_000).toISOString();
    await service.submit(aRequest({ messageId, giveUpAt }));
    service.advance(60_000);

    const repeat = await service.submit(aRequest({ messageId, giveUpAt }));
    const other = await service.submit(aRequest({ messageId, giveUpAt, body: "other" }));

    expect([repeat.status, repeat.json.duplicate]).toEqual([200, true]);
    expect(other.status).toBe(409);
  });

  test("by the SDK, of a put whose answer was lost, is the first submit", async () => {
    const messageId = anId();
    service.faults.inject({
      command: "PutItem",
      when: "after",
      error: Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }),
      times: 1,
    });

    const { status, json } = await service.submit(aRequest({ messageId }));

    expect([status, json.status, json.duplicate]).toEqual([202, "QUEUED", false]);
    expect(await itemsOf(messageId)).toHaveLength(1);
    expect(service.recordsOf(messageId)).toEqual([firstRecord(messageId)]);
  });

  test("by the sender, of a put whose answer was lost, finishes what it began", async () => {
    const messageId = anId();
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "PutItem", when: "after", error, times: 1 });

    const first = await service.submit(aRequest({ messageId }));
    const repeat = await service.submit(aRequest({ messageId }));

    expect([first.status, repeat.status]).toEqual([503, 200]);
    expect(repeat.json).toMatchObject({ status: "QUEUED", duplicate: true });
    expect(service.recordsOf(messageId)).toEqual([firstRecord(messageId)]);
  });
});

describe("The id of a message", () => {
  test.each([
    ["body", { body: { order: 2 } }],
    ["kind of body", { body: '{"order":1}' }],
    ["body, left out", { body: undefined }],
    ["target", { targetUrl: "https://example.com/other" }],
    ["method", { method: "PUT" }],
    ["header", { headers: { "x-a": "1" } }],
    ["time of delivery", { deliverAt: "2026-03-01T12:00:00Z" }],
    ["last moment", { giveUpAt: "2026-03-08T12:00:00Z" }],
    ["number of attempts", { retry: { maxAttempts: 2 } }],
    ["schedule", { retry: { schedule: ["5s"] } }],
    ["timeout", { timeoutMs: 1000 }],
    ["retention", { retentionDays: 5 }],
    ["redaction", { redact: ["body"] }],
    ["size", large],
  ])("is not given to a message with another %s", async (_name, members) => {
    const messageId = anId();
    await service.submit(aRequest({ messageId }));
    const before = await itemsOf(messageId);

    const { status, json, headers } = await service.submit(aRequest({ messageId, ...members }));

    expect(status).toBe(409);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(json).toEqual({
      type: "urn:postrider:problem:message-conflict",
      title: "The message id is taken by another message",
      status: 409,
      code: "MESSAGE_CONFLICT",
      detail: "This messageId was submitted before, with other content. Nothing was changed.",
    });
    expect(await itemsOf(messageId)).toEqual(expect.arrayContaining([...before]));
    expect((await service.get(messageId))?.fingerprint).toBe(before[0]?.["fingerprint"]);
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("of a large message stays with it, and with its headers and body", async () => {
    const messageId = anId();
    await service.submit(aRequest({ messageId, ...large }));
    const before = await itemsOf(messageId);

    const other = { ...large, body: "y".repeat(2000) };
    const { status } = await service.submit(aRequest({ messageId, ...other, retentionDays: 365 }));

    expect(status).toBe(409);
    expect(before).toHaveLength(2);
    expect(await itemsOf(messageId)).toEqual(expect.arrayContaining([...before]));
  });

  test("in other letters is another id", async () => {
    const messageId = anId();

    const lower = await service.submit(aRequest({ messageId: `${messageId}-abc`, body: 1 }));
    const upper = await service.submit(aRequest({ messageId: `${messageId}-Abc`, body: 2 }));

    expect([lower.status, upper.status]).toEqual([202, 202]);
    expect((await service.get(`${messageId}-abc`))?.body).toEqual(new Uint8Array([0x31]));
    expect((await service.get(`${messageId}-Abc`))?.body).toEqual(new Uint8Array([0x32]));
  });

  test("of another sender is another message", async () => {
    const messageId = anId();
    const key = await service.senderWithKey("bakery");

    const ours = await service.submit(aRequest({ messageId, body: 1 }));
    const theirs = await service.submit(aRequest({ messageId, senderId: "bakery", body: 2 }), key);

    expect([ours.status, theirs.status]).toEqual([202, 202]);
    expect((await service.get(messageId))?.body).toEqual(new Uint8Array([0x31]));
    expect((await service.get(messageId, "bakery"))?.body).toEqual(new Uint8Array([0x32]));
  });

  test("is free again when its message has expired, though it is not removed yet", async () => {
    const messageId = anId();
    const { json } = await service.submit(toReceiver({ messageId, retentionDays: 1, ...large }));
    await service.work(firstRecord(messageId));
    const path = `/v1/messages/${messageId}`;
    const other = toReceiver({ messageId, body: "other" });

    service.advance(Date.parse(json.expiresAt) - service.now() - 1);
    const [kept, refused] = [await service.request(path), await service.submit(other)];
    service.advance(1);
    const gone = [await service.request(path), await service.request(`${path}/attempts`)];
    const next = await service.submit(other);

    expect([kept.status, refused.status]).toEqual([200, 409]);
    expect(gone.map(({ status }) => status)).toEqual([404, 404]);
    expect([next.status, next.json.duplicate]).toEqual([202, false]);
    const message = await service.get(messageId);
    expect(message).toMatchObject({ status: "QUEUED", attempts: 0, createdAt: service.now() });
    expect(message).not.toHaveProperty("completedAt");
    expect(message).not.toHaveProperty("payload");
  });

  test("of an expired message leaves its attempts behind", async () => {
    answer = { status: 410 };
    const messageId = anId();
    await service.submit(toReceiver({ messageId }));
    await service.work(firstRecord(messageId));
    service.advance(40 * dayMs);

    await service.submit(toReceiver({ messageId }));

    const { json } = await service.request(`/v1/messages/${messageId}/attempts`);
    expect(json).toEqual({ attempts: [] });
  });
});

describe("A worker that is faster than the mark", () => {
  const claim = (message: Message) =>
    service.messages.claim(message, {
      now: service.now(),
      seen: message,
      notAfter: { notBefore: service.now(), dueAt: service.now() + 65_000 },
      set: { owner: "a-worker", leaseUntil: service.now() + 65_000 },
    });

  const submittedWith = async (act: (messageId: string) => Promise<unknown>) => {
    const messageId = anId();
    let after: Message | undefined;
    service.faults.before("UpdateItem", async () => {
      await act(messageId);
      after = await service.get(messageId);
    });
    const submitted = await service.submit(toReceiver({ messageId }));
    return { submitted, after, now: await service.get(messageId) };
  };

  test("and has claimed the message decides what is answered", async () => {
    const { submitted, after, now } = await submittedWith(async (messageId) => {
      const message = await service.get(messageId);
      if (message) await claim(message);
    });

    expect(submitted.status).toBe(202);
    expect(submitted.json).toMatchObject({ status: "PROCESSING", attempts: 1, duplicate: false });
    expect(after).toMatchObject({ status: "PROCESSING", owner: "a-worker" });
    expect(now).toEqual(after);
  });

  test("and has delivered the message decides what is answered", async () => {
    const { submitted, after, now } = await submittedWith((messageId) =>
      service.work(firstRecord(messageId)),
    );

    expect(submitted.status).toBe(202);
    expect(submitted.json).toMatchObject({ status: "COMPLETED", attempts: 1, duplicate: false });
    expect(now).toEqual(after);
  });

  test("and has failed and queued the retry keeps its mark", async () => {
    answer = { status: 503 };

    const { submitted, after, now } = await submittedWith((messageId) =>
      service.work(firstRecord(messageId)),
    );

    expect(submitted.status).toBe(202);
    expect(submitted.json).toMatchObject({ status: "QUEUED", attempts: 1, duplicate: false });
    expect(now).toEqual(after);
  });

  test("and has failed, with no record for the retry, leaves no mark of one", async () => {
    answer = { status: 503 };

    const { submitted, after, now } = await submittedWith((messageId) => {
      const error = awsError("AccessDeniedException");
      service.faults.inject({ command: "SendMessage", when: "before", error, times: 1 });
      return service.work(firstRecord(messageId));
    });

    expect(submitted.status).toBe(202);
    expect(submitted.json).toMatchObject({ status: "PENDING", attempts: 1, duplicate: false });
    expect(after).toMatchObject({ status: "PENDING", notBefore: service.now() + 5000 });
    expect(now).toEqual(after);
  });
});
