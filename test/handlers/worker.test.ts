import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { DeliveryRecord } from "../../domain/record.ts";
import { awsError } from "../support/faults.ts";
import { type Answer, openReceiver, type Seen } from "../support/receiver.ts";
import { aRequest, type Service, sqsRecord, start, useService } from "../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: (seen: Seen, attempt: number) => Answer | Promise<Answer>;
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver((seen, attempt) => answer(seen, attempt));
  service.names.set("inside.example.com", ["93.184.215.14", "10.0.0.7"]);
});
afterAll(() => receiver.close());

const ok = () => ({ status: 200 });

/** Submits a message of its own id to the receiver, which answers as given; its first record. */
const submitted = async (
  how: (seen: Seen, attempt: number) => Answer | Promise<Answer>,
  overrides: object = {},
): Promise<DeliveryRecord> => {
  answer = how;
  ids += 1;
  const messageId = `worker-${ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(aRequest({ messageId, targetUrl, ...overrides }));
  expect(status).toBe(202);
  return { v: 1, senderId: "shop", messageId, attempt: 1 };
};

const lineOf = ({ messageId }: DeliveryRecord) =>
  service.linesOf("attempt").filter((line) => line.messageId === messageId);

const isOfCounts = (input: Record<string, unknown>) =>
  JSON.stringify(input["Key"]).includes("$outcomes_");
const settling = (status: string) => (input: Record<string, unknown>) =>
  JSON.stringify(input["ExpressionAttributeValues"]).includes(`"${status}"`);

describe("A delivery", () => {
  test("reaches its target with the sender's headers and exact bytes, and ends COMPLETED", async () => {
    const record = await submitted(ok, {
      method: "PUT",
      headers: { "X-Shop": "Zoë", "content-type": "text/csv" },
      body: 'a;"b"\r\n  é',
    });

    const response = await service.work(record);

    expect(response).toEqual({ batchItemFailures: [] });
    const [seen] = receiver.of(record.messageId);
    expect(seen?.method).toBe("PUT");
    expect(seen?.headers["x-shop"]).toBe("Zoë");
    expect(seen?.headers["content-type"]).toBe("text/csv");
    expect(seen?.headers["postrider-attempt"]).toBe("1");
    expect(seen?.headers["webhook-timestamp"]).toBe(String(Math.floor(service.now() / 1000)));
    expect(seen?.body).toEqual(Buffer.from('a;"b"\r\n  é'));
    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED", attempts: 1 });
  });

  test("carries a body that is stored apart from the message byte for byte", async () => {
    const body = Buffer.alloc(200_000, Buffer.from([0xff, 0x00, 0x41]));
    const record = await submitted(ok, { body: undefined, bodyBase64: body.toString("base64") });

    await service.work(record);

    const [seen] = receiver.of(record.messageId);
    expect(seen?.body.equals(body)).toBe(true);
    expect(seen?.headers["content-type"]).toBe("application/octet-stream");
  });

  test("is told in one line of the log, with every change of state", async () => {
    const record = await submitted(ok);

    await service.work(record);

    expect(lineOf(record)).toEqual([
      expect.objectContaining({
        attempt: 1,
        class: "accepted",
        httpStatus: 200,
        verdict: "complete",
        transitions: [
          { verb: "claim", from: "QUEUED", to: "PROCESSING" },
          { verb: "complete", from: "PROCESSING", to: "COMPLETED" },
        ],
      }),
    ]);
  });
});

describe("The line of an attempt", () => {
  test("the log line of a retried attempt has the time of the next", async () => {
    const record = await submitted(() => ({ status: 503 }), { retry: { schedule: ["30s"] } });

    await service.work(record);

    const { notBefore = 0 } = (await service.get(record.messageId)) ?? {};
    expect(lineOf(record)).toMatchObject([
      { verdict: "retry", httpStatus: 503, nextAttemptAt: new Date(notBefore).toISOString() },
    ]);
    expect(notBefore).toBeGreaterThan(service.now());
  });

  test("the log line of a final attempt names no next attempt", async () => {
    const record = await submitted(() => ({ status: 410 }));

    await service.work(record);

    expect(lineOf(record)[0]).toMatchObject({ verdict: "fail", reason: "gone" });
    expect(lineOf(record)[0]?.nextAttemptAt).toBeUndefined();
  });

  test("the log line of an attempt that cannot be stored has the target's answer, and its record fails", async () => {
    const record = await submitted(ok);
    const error = awsError("AccessDeniedException");
    const on = settling("COMPLETED");
    service.faults.inject({ command: "UpdateItem", when: "before", error, on });

    const response = await service.work(record);
    service.faults.clear();

    expect(response.batchItemFailures).toEqual([{ itemIdentifier: "sqs-1" }]);
    expect(lineOf(record)).toMatchObject([
      { class: "accepted", httpStatus: 200, verdict: "unsettled", targetHost: expect.any(String) },
    ]);
  });

  test("the log line of an attempt without a request has only ids and transitions", async () => {
    const record = await submitted(ok);
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "UpdateItem", when: "before", error, times: 1 });

    const response = await service.work(record);

    expect(response.batchItemFailures).toHaveLength(1);
    const { messageId, senderId } = record;
    expect(lineOf(record)).toEqual([
      { event: "attempt", senderId, messageId, attempt: 1, transitions: [], durationMs: 0 },
    ]);
  });
});

describe("A record with nothing to claim is dropped:", () => {
  test("one that comes twice", async () => {
    const record = await submitted(ok);

    const responses = [await service.work(record, record), await service.work(record)];

    expect(responses).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    expect(receiver.of(record.messageId)).toHaveLength(1);
  });

  test("one that comes before its time", async () => {
    const record = await submitted(() => ({ status: 500 }), { retry: { schedule: ["30s"] } });
    await service.work(record);
    service.advance(24_999);

    const response = await service.work({ ...record, attempt: 2 });

    expect(response).toEqual({ batchItemFailures: [] });
    expect(receiver.of(record.messageId)).toHaveLength(1);
  });

  test("one whose message is gone", async () => {
    const record = { v: 1, senderId: "shop", messageId: "never-was", attempt: 1 } as const;

    expect(await service.work(record)).toEqual({ batchItemFailures: [] });
  });
});

describe("A record comes back, alone, if", () => {
  test.each([
    ["it is not JSON", "{"],
    ["its version is unknown", '{"v":2,"senderId":"shop","messageId":"a","attempt":1}'],
    ["it points nowhere", '{"v":1}'],
  ])("%s", async (_, body) => {
    const record = await submitted(ok);

    const response = await service.work(body, record);

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "sqs-1" }] });
    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED" });
  });

  test("the table does not answer its claim: nothing is claimed, nothing sent", async () => {
    const record = await submitted(ok);
    const other = await submitted(ok);
    service.faults.inject({
      command: "UpdateItem",
      when: "before",
      error: awsError("AccessDeniedException"),
      on: (input) => JSON.stringify(input).includes(`messageId_${record.messageId}"`),
      times: 1,
    });

    const response = await service.work(record, other);

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: "sqs-1" }] });
    expect(receiver.of(record.messageId)).toHaveLength(0);
    expect(await service.get(record.messageId)).toMatchObject({ status: "QUEUED", attempts: 0 });
    expect(await service.get(other.messageId)).toMatchObject({ status: "COMPLETED" });
  });

  test("too little time is left to settle what would be claimed", async () => {
    const record = await submitted(ok);
    const event = { Records: [sqsRecord(JSON.stringify(record))] };

    const late = await service.worker(event, { getRemainingTimeInMillis: () => 19_999 });
    const early = await service.worker(event, { getRemainingTimeInMillis: () => 20_000 });

    expect(late.batchItemFailures).toHaveLength(1);
    expect(early.batchItemFailures).toHaveLength(0);
    expect(receiver.of(record.messageId)).toHaveLength(1);
  });
});

describe("A target that fails is an outcome:", () => {
  test("it is tried again after the scheduled wait, with the attempt on record", async () => {
    const record = await submitted((_, attempt) => ({
      status: attempt === 1 ? 503 : 200,
      headers: { "content-type": "text/plain" },
      body: "busy",
    }));

    await service.work(record);

    const waiting = await service.get(record.messageId);
    expect(waiting).toMatchObject({ status: "QUEUED", attempts: 1 });
    expect(waiting?.notBefore).toBe(service.now() + 5000);
    expect(waiting?.dueAt).toBe(service.now() + 65_000);
    expect(service.queued()).toContainEqual({ ...record, attempt: 2 });

    service.advance(5000);
    await service.work({ ...record, attempt: 2 });

    const { json } = await service.request(`/v1/messages/${record.messageId}/attempts`);
    expect(json.attempts).toEqual([
      expect.objectContaining({ number: 1, outcome: "failed", status: 503, responseText: "busy" }),
      expect.objectContaining({ number: 2, outcome: "delivered", status: 200 }),
    ]);
    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED", attempts: 2 });
  });

  test("a long wait is left to the dispatcher", async () => {
    const record = await submitted(() => ({ status: 500 }), { retry: { schedule: ["1h"] } });

    await service.work(record);

    const waiting = await service.get(record.messageId);
    expect(waiting).toMatchObject({ status: "PENDING", notBefore: service.now() + 3_600_000 });
    expect(waiting?.dueAt).toBe(service.now() + 3_600_000 - 120_000);
    expect(service.queued()).not.toContainEqual({ ...record, attempt: 2 });
  });

  test("Retry-After makes the wait longer", async () => {
    const record = await submitted(() => ({ status: 429, headers: { "retry-after": "60" } }));

    await service.work(record);

    expect((await service.get(record.messageId))?.notBefore).toBe(service.now() + 60_000);
  });

  test("it FAILED when no attempts are left", async () => {
    const record = await submitted(() => ({ status: 500 }), { retry: { maxAttempts: 2 } });

    await service.work(record);
    service.advance(5000);
    await service.work({ ...record, attempt: 2 });

    const failed = await service.get(record.messageId);
    expect(failed).toMatchObject({
      status: "FAILED",
      failReason: "attempts-exhausted",
      attempts: 2,
    });
    expect(failed?.dueAt).toBeUndefined();
  });

  test("it FAILED when the next attempt would come too late", async () => {
    const giveUpAt = new Date(service.now() + 4999).toISOString();
    const record = await submitted(() => ({ status: 500 }), { giveUpAt });

    await service.work(record);

    expect(await service.get(record.messageId)).toMatchObject({
      status: "FAILED",
      failReason: "too-late",
    });
  });

  test("410 Gone is final at once", async () => {
    const record = await submitted(() => ({ status: 410 }));

    await service.work(record);

    expect(await service.get(record.messageId)).toMatchObject({
      status: "FAILED",
      failReason: "gone",
      attempts: 1,
    });
  });

  test("a redirect is not followed", async () => {
    const record = await submitted(() => ({
      status: 307,
      headers: { location: `${receiver.url}/elsewhere` },
    }));

    await service.work(record);

    expect(receiver.of(record.messageId).map(({ path }) => path)).toEqual(["/hook"]);
    expect(await service.get(record.messageId)).toMatchObject({
      status: "QUEUED",
      lastOutcome: { class: "status", status: 307 },
    });
  });

  test.each([
    ["refuses the connection", "http://127.0.0.1:1024/", "connect"],
    ["has a name that leads inside", "https://inside.example.com/", "target-blocked"],
    ["is a name that nobody knows", "https://example.com/", "dns"],
  ])("one that %s", async (_, targetUrl, expected) => {
    const record = await submitted(ok, { targetUrl });

    await service.work(record);

    expect((await service.get(record.messageId))?.lastOutcome?.class).toBe(expected);
  });

  test("one that is blocked is final, and its line names no more than the host", async () => {
    const record = await submitted(ok, {
      targetUrl: "https://inside.example.com/path?token=canary",
    });

    await service.work(record);

    expect(await service.get(record.messageId)).toMatchObject({
      status: "FAILED",
      failReason: "target-blocked",
    });
    expect(JSON.stringify(lineOf(record))).not.toContain("canary");
  });

  test("one that never answers is cut off at the timeout", async () => {
    const record = await submitted(() => new Promise<Answer>(() => {}), { timeoutMs: 100 });

    await service.work(record);

    expect((await service.get(record.messageId))?.lastOutcome?.class).toBe("timeout");
  });

  test("one that says 200 and then never ends has received the message", async () => {
    const record = await submitted(() => ({ status: 200, body: "x".repeat(1_000_000) }));

    await service.work(record);

    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED" });
  });
});

describe("An exchange may take as long as", () => {
  type Times = {
    readonly timeoutMs?: number;
    readonly remainingMs: number;
    /** The payload is read between the claim and the request. */
    readonly readMs: number;
  };

  test.each([
    ["its message allows", { timeoutMs: 3000, remainingMs: 60_000, readMs: 1000 }, 3000],
    ["its message allows, more than others", { remainingMs: 60_000, readMs: 1000 }, 30_000],
    [
      "the function has left, less the time to settle",
      { remainingMs: 20_000, readMs: 1000 },
      14_000,
    ],
    ["its lease has left, less the margin", { remainingMs: 90_000, readMs: 40_000 }, 20_000],
  ])("%s", async (_, { timeoutMs = 30_000, remainingMs, readMs }: Times, deadlineMs) => {
    const record = await submitted(ok, { body: "x".repeat(2000), timeoutMs });
    service.faults.before("GetItem", async () => service.advance(readMs));
    const event = { Records: [sqsRecord(JSON.stringify(record))] };
    const before = service.deadlinesMs.length;

    await service.worker(event, { getRemainingTimeInMillis: () => remainingMs });

    expect(service.deadlinesMs.slice(before)).toEqual([deadlineMs]);
  });

  test("the service says, if its message says nothing", async () => {
    const record = await submitted(ok);

    await service.work(record);

    expect(service.deadlinesMs.at(-1)).toBe(15_000);
  });
});

test("a message whose payload is gone has FAILED, and nothing is sent", async () => {
  const record = await submitted(ok, { body: "x".repeat(2000) });
  service.faults.alter("GetItem", () => ({ Item: undefined }));

  await service.work(record);

  expect(await service.get(record.messageId)).toMatchObject({
    status: "FAILED",
    failReason: "payload-missing",
  });
  expect(receiver.of(record.messageId)).toHaveLength(0);
});

test.each([
  ["in a backlog", (service: Service) => service.advance(60_001)],
  [
    "with its worker, which was frozen after the claim",
    (service: Service) => service.faults.before("GetItem", async () => service.advance(60_001)),
  ],
])("a message that waited past giveUpAt %s has FAILED, and nothing is sent", async (_, wait) => {
  const giveUpAt = new Date(service.now() + 60_000).toISOString();
  const record = await submitted(ok, { giveUpAt, body: "x".repeat(2000) });
  wait(service);

  await service.work(record);

  expect(receiver.of(record.messageId)).toHaveLength(0);
  const message = await service.get(record.messageId);
  expect(message).toMatchObject({ status: "FAILED", failReason: "too-late", attempts: 1 });
  const { json } = await service.request(`/v1/messages/${record.messageId}/attempts`);
  expect(json.attempts).toMatchObject([{ number: 1, outcome: "failed", class: "too-late" }]);
});

test("a message that is taken up at giveUpAt is still sent", async () => {
  const giveUpAt = new Date(service.now() + 60_000).toISOString();
  const record = await submitted(ok, { giveUpAt });
  service.advance(60_000);

  await service.work(record);

  expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED" });
});

describe("A claim of a message that had waited for long", () => {
  /** Waits on the queue until the dispatcher has put its next look off. */
  const waiting = async (how: () => Answer): Promise<DeliveryRecord> => {
    const record = await submitted(how);
    service.advance(120_000);
    await service.dispatch();
    return record;
  };
  const isClaim = ({ UpdateExpression: sets }: Record<string, unknown>) =>
    String(sets).includes("ADD");

  test("brings the next look forward in the same write, so that a dead worker is soon noticed", async () => {
    const record = await waiting(ok);
    const putOff = await service.get(record.messageId);
    const error = awsError("AccessDeniedException");
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error },
      on: (input) => !isClaim(input),
    });

    await service.work(record);
    service.faults.clear();

    const held = await service.get(record.messageId);
    expect(putOff?.dueAt).toBeGreaterThan((held?.leaseUntil ?? 0) + 120_000);
    expect(held).toMatchObject({ status: "PROCESSING", dueAt: (held?.leaseUntil ?? 0) + 5001 });
  });

  test("leaves the message unclaimed if the process ends between the two writes", async () => {
    const record = await waiting(ok);
    const before = await service.get(record.messageId);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError("AccessDeniedException") },
      on: (input) => isClaim(input) && String(input["UpdateExpression"]).includes("dueAt"),
    });

    const response = await service.work(record);
    const after = await service.get(record.messageId);
    service.faults.clear();
    await service.work(record);

    expect(response.batchItemFailures).toHaveLength(1);
    expect(after).toEqual(before);
    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED", attempts: 1 });
  });

  test("is the only one that takes a second write", async () => {
    const ofMessages = () =>
      service.faults.inputs("UpdateItem").filter((input) => !isOfCounts(input)).length;
    const writes = async (record: DeliveryRecord): Promise<number> => {
      const before = ofMessages();
      await service.work(record);
      return ofMessages() - before;
    };

    expect(await writes(await submitted(ok))).toBe(2);
    expect(await writes(await waiting(ok))).toBe(3);
  });

  test("is not made for a record that is stale, however late the next look", async () => {
    const record = await waiting(ok);
    const before = service.faults.inputs("UpdateItem").length;

    await service.work({ ...record, attempt: record.attempt + 1 });

    expect(service.faults.inputs("UpdateItem").length - before).toBe(1);
    expect(await service.get(record.messageId)).toMatchObject({ status: "QUEUED", attempts: 0 });
  });
});

describe("Settling", () => {
  test("is retried for as long as the function runs, and no longer", async () => {
    const record = await submitted(ok);
    const error = awsError("AccessDeniedException");
    service.faults.inject({
      command: "UpdateItem",
      when: "before",
      error,
      on: settling("COMPLETED"),
    });
    const event = { Records: [sqsRecord(JSON.stringify(record))] };
    const endsAt = service.now() + 20_000;

    await service.worker(event, { getRemainingTimeInMillis: () => 20_000 });
    const gaveUpAt = service.now();
    service.faults.clear();

    expect(gaveUpAt).toBeLessThan(endsAt);
    expect(gaveUpAt).toBeGreaterThan(endsAt - 3000);
  });

  test("begins no try that would be cut off by the end of the function", async () => {
    const record = await submitted(ok);
    const startedAt: number[] = [];
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError("AccessDeniedException") },
      // Each try takes the table six seconds to refuse.
      on: (input) => {
        if (!settling("COMPLETED")(input)) return false;
        startedAt.push(service.now());
        service.advance(6000);
        return true;
      },
    });
    const event = { Records: [sqsRecord(JSON.stringify(record))] };
    const endsAt = service.now() + 40_000;

    await service.worker(event, { getRemainingTimeInMillis: () => 40_000 });
    service.faults.clear();

    expect(startedAt.length).toBeGreaterThan(3);
    expect(Math.max(...startedAt) + 6000).toBeLessThan(endsAt);
  });

  test("begins no try that the pauses of the client may carry past the end of the function", async () => {
    const record = await submitted(ok);
    // Tries of a second, and then one that is slower by as much as the pauses of the client vary.
    const startedAt: number[] = [];
    let tookMs = 0;
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError("AccessDeniedException") },
      on: (input) => {
        if (!settling("COMPLETED")(input)) return false;
        startedAt.push(service.now());
        tookMs = service.now() > endsAt - 3500 ? 2400 : 1000;
        service.advance(tookMs);
        return true;
      },
    });
    const event = { Records: [sqsRecord(JSON.stringify(record))] };
    const endsAt = service.now() + 41_000;

    await service.worker(event, { getRemainingTimeInMillis: () => 41_000 });
    service.faults.clear();

    expect(Math.max(...startedAt) + tookMs).toBeLessThan(endsAt);
  });

  test("is retried: a table that comes back costs no second request", async () => {
    const record = await submitted(ok);
    const error = awsError("AccessDeniedException");
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error, times: 4 },
      on: settling("COMPLETED"),
    });

    const response = await service.work(record);

    expect(response.batchItemFailures).toEqual([]);
    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED" });
    expect(receiver.of(record.messageId)).toHaveLength(1);
  });

  test("knows its own write again when the answer to it was lost", async () => {
    const record = await submitted(() => ({ status: 500 }));
    const error = awsError("InternalServerError", 500);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", error, times: 1 },
      on: settling("PENDING"),
    });

    const response = await service.work(record);

    expect(response.batchItemFailures).toEqual([]);
    expect(await service.get(record.messageId)).toMatchObject({ status: "QUEUED", attempts: 1 });
    expect(service.queued()).toContainEqual({ ...record, attempt: 2 });
  });

  test("goes on without the attempt's item if that cannot be written", async () => {
    const record = await submitted(() => ({ status: 410 }));
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "PutItem", when: "before", error, times: 1 });

    const response = await service.work(record);

    expect(response.batchItemFailures).toEqual([]);
    expect(await service.get(record.messageId)).toMatchObject({ status: "FAILED" });
    const { json } = await service.request(`/v1/messages/${record.messageId}/attempts`);
    expect(json.attempts).toEqual([{ number: 1, outcome: "failed", class: "status", status: 410 }]);
  });

  test("is not for a holder that was overtaken while the target took its time", async () => {
    const record = await submitted(async ({ headers }, attempt) => {
      if (attempt > 1) return { status: 500 };
      const messageId = String(headers["postrider-message-id"]);
      service.advance(65_000 + 5001 + 120_000);
      await service.dispatch();
      service.advance(6000);
      await service.work({ v: 1, senderId: "shop", messageId, attempt: 2 });
      return { status: 200 };
    });

    await service.work(record);

    const message = await service.get(record.messageId);
    expect(message).toMatchObject({ status: "QUEUED", attempts: 2, lastOutcome: { attempt: 2 } });
    expect(lineOf(record).map(({ verdict }) => verdict)).toEqual(["retry", "overtaken"]);
    const { json } = await service.request(`/v1/messages/${record.messageId}/attempts`);
    expect(json.attempts).toMatchObject([
      { number: 1, outcome: "delivered", class: "accepted", status: 200 },
      { number: 2, outcome: "failed", status: 500 },
    ]);
  });

  test.each([
    [500, "CANCELLED"],
    [200, "COMPLETED"],
  ])("an answer %s to a message to be cancelled leaves it %s", async (status, expected) => {
    const record = await submitted(async ({ headers }) => {
      const now = service.now();
      const key = { senderId: "shop", messageId: String(headers["postrider-message-id"]) };
      await service.messages.requestCancel(key, { now, set: { cancelRequestedAt: now } });
      return { status };
    });

    await service.work(record);

    const message = await service.get(record.messageId);
    expect(message?.status).toBe(expected);
    expect(message?.dueAt).toBeUndefined();
  });

  test("a retry that cannot be sent is PENDING, and the dispatcher's to send", async () => {
    const record = await submitted(() => ({ status: 500 }));
    const error = awsError("AccessDenied");
    service.faults.inject({ command: "SendMessage", when: "before", error, times: 1 });

    const response = await service.work(record);

    expect(response.batchItemFailures).toEqual([]);
    const pending = await service.get(record.messageId);
    expect(pending).toMatchObject({ status: "PENDING", attempts: 1 });
    service.advance(125_000);
    await service.dispatch();
    expect(await service.get(record.messageId)).toMatchObject({ status: "QUEUED" });
    expect(service.queued()).toContainEqual({ ...record, attempt: 2 });
  });
});

test("a worker that was frozen past its lease does not send", async () => {
  const record = await submitted(ok, { body: "x".repeat(2000) });
  // The payload is read between the claim and the request.
  service.faults.before("GetItem", async () => service.advance(60_000));

  const response = await service.work(record);

  expect(response.batchItemFailures).toHaveLength(1);
  expect(receiver.of(record.messageId)).toHaveLength(0);
});

test("nothing but our own failures is in the log as a failure", () => {
  const whats = new Set(service.failures.map(({ what }) => what));

  expect(service.now()).toBeGreaterThan(start);
  expect([...whats].sort()).toEqual([
    ...["attempt not recorded", "record failed", "record not queued"],
  ]);
});
