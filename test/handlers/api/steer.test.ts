/** Cancel, send now and replay: what a sender may do with a message, and what it is told. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type Action, actions } from "../../../domain/actions.ts";
import type { Message } from "../../../domain/message.ts";
import { payloadEntity } from "../../../entities/described/payload.ts";
import { stored } from "../../../entities/storage.ts";
import { awsError } from "../../support/faults.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, options, useService } from "../../support/service.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const iso = (ms: number): string => new Date(ms).toISOString();

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterEach(async () => {
  answer = { status: 200 };
  await service.purge();
});
afterAll(() => receiver.close());

const submitted = async (members: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const messageId = `steer-${++ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(aRequest({ messageId, targetUrl, ...members }));
  if (status !== 202) throw new Error(`The message is refused with ${status}`);
  return messageId;
};
const methodOf = (action: Action): string => (action === "erase" ? "DELETE" : "POST");
const statusOf = (action: Action): number =>
  action === "cancel" || action === "erase" ? 200 : 202;
const needsEnd = (action: Action): boolean => action === "replay" || action === "erase";
const steer = (messageId: string, action: Action, body?: unknown, key?: string) =>
  service.request(
    `/v1/messages/${messageId}${action === "erase" ? "" : `/${action}`}`,
    {
      method: methodOf(action),
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    },
    key,
  );
const found = async (messageId: string): Promise<Message> => {
  const message = await service.get(messageId);
  if (!message) throw new Error("There is no such message");
  return message;
};
const attempt = (messageId: string, number: number, given: Answer) => {
  answer = given;
  return service.work({ v: 1, senderId: "shop", messageId, attempt: number });
};
/** Claims an attempt and does not end it. */
const claim = async (messageId: string): Promise<void> => {
  const { attempts, notBefore = 0 } = await found(messageId);
  const now = service.now();
  await service.messages.claimAndReschedule(
    { senderId: "shop", messageId },
    {
      now,
      seen: { attempts },
      notAfter: { notBefore: Math.max(notBefore, now) },
      set: { owner: "worker-1", leaseUntil: now + 65_000, dueAt: now + 70_001 },
    },
  );
};
const completed = async (): Promise<string> => {
  const messageId = await submitted();
  await attempt(messageId, 1, { status: 200 });
  return messageId;
};
const failed = async (members = {}): Promise<string> => {
  const messageId = await submitted(members);
  await attempt(messageId, 1, { status: 410 });
  return messageId;
};
const recordsFor = (messageId: string, attempt: number) =>
  service.recordsOf(messageId).filter((record) => record.attempt === attempt);
const transient = () => awsError("InternalServerError", 500);

describe("A cancel", () => {
  test.each([
    ["is QUEUED", {}],
    ["is scheduled for later", { deliverAt: iso(Date.parse("2026-03-02T12:00:00Z")) }],
  ])("of a message that %s leaves it CANCELLED, and nothing is sent", async (_name, members) => {
    const messageId = await submitted(members);

    const { status, json } = await steer(messageId, "cancel");
    await attempt(messageId, 1, { status: 200 });

    expect([status, json.status]).toEqual([200, "CANCELLED"]);
    expect((await found(messageId)).dueAt).toBeUndefined();
    expect(receiver.of(messageId)).toEqual([]);
  });

  test("is answered alike when it is repeated, and changes nothing", async () => {
    const messageId = await submitted();
    const first = await steer(messageId, "cancel");
    service.advance(1000);

    const second = await steer(messageId, "cancel");

    expect([second.status, second.text]).toEqual([200, first.text]);
  });

  test("during an attempt lets it end, and no other one follows", async () => {
    const messageId = await submitted();
    await claim(messageId);

    const { status, json } = await steer(messageId, "cancel");
    service.advance(1);
    const again = await steer(messageId, "cancel");
    service.advance(70_001);
    await service.dispatch();

    expect(status).toBe(202);
    expect(json).toMatchObject({ status: "PROCESSING", cancelRequestedAt: expect.any(String) });
    expect(again.json.cancelRequestedAt).toBe(json.cancelRequestedAt);
    expect((await found(messageId)).status).toBe("CANCELLED");
  });

  test("that comes after a claim asks the holder instead", async () => {
    const messageId = await submitted();
    service.faults.before("UpdateItem", () => claim(messageId));

    const { status, json } = await steer(messageId, "cancel");

    expect([status, json.status]).toEqual([202, "PROCESSING"]);
    expect((await found(messageId)).cancelRequestedAt).toBe(service.now());
  });

  test("whose answer from the table is lost is done once, and answered as done", async () => {
    const messageId = await submitted();
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", error: transient(), times: 1 },
    });

    const { status, json } = await steer(messageId, "cancel");

    expect([status, json.status]).toEqual([200, "CANCELLED"]);
  });

  test.each([
    ["COMPLETED", completed],
    ["FAILED", failed],
  ])("of a %s message is refused, and says what it is", async (state, make) => {
    const messageId = await make();

    const { status, json } = await steer(messageId, "cancel");

    expect([status, json]).toEqual([
      409,
      {
        type: "urn:postrider:problem:invalid-state",
        title: "It is not in a state for this",
        status: 409,
        code: "INVALID_STATE",
        detail: `The message is ${state}. Only one that has not ended can be cancelled.`,
        messageStatus: state,
      },
    ]);
  });
});

describe("A message that is sent now", () => {
  const waiting = async (): Promise<string> => {
    const messageId = await submitted({ retry: { schedule: ["6h", "6h"] } });
    await attempt(messageId, 1, { status: 503 });
    await service.purge();
    return messageId;
  };

  test("has its next attempt made at once, which counts as one", async () => {
    const messageId = await waiting();

    const { status, json } = await steer(messageId, "send-now");
    const records = service.recordsOf(messageId);
    await attempt(messageId, 2, { status: 503 });

    expect([status, json.status, json.notBefore]).toEqual([202, "QUEUED", iso(service.now())]);
    expect(records).toEqual([{ v: 1, senderId: "shop", messageId, attempt: 2 }]);
    const after = await found(messageId);
    expect([after.attempts, after.status]).toEqual([2, "PENDING"]);
    expect(after.notBefore).toBe(service.now() + 6 * hourMs);
  });

  test("may be one that is scheduled for later, whose deliverAt stays", async () => {
    const deliverAt = iso(service.now() + 2 * dayMs);
    const messageId = await submitted({ deliverAt });

    await steer(messageId, "send-now");
    await attempt(messageId, 1, { status: 200 });

    const after = await found(messageId);
    expect([after.status, iso(after.deliverAt ?? 0)]).toEqual(["COMPLETED", deliverAt]);
  });

  test("twice has one record on the queue", async () => {
    const messageId = await waiting();
    await steer(messageId, "send-now");

    const { status } = await steer(messageId, "send-now");

    expect(status).toBe(202);
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("whose old record comes late is not attempted twice", async () => {
    const messageId = await submitted();
    await attempt(messageId, 1, { status: 503 });
    await steer(messageId, "send-now");
    await attempt(messageId, 2, { status: 200 });
    service.advance(hourMs);

    await attempt(messageId, 2, { status: 200 });

    expect(receiver.of(messageId)).toHaveLength(2);
  });

  test("gets a record if it is due without one", async () => {
    const messageId = await submitted();
    await service.messages.rollback({ senderId: "shop", messageId }, { now: service.now() });
    await service.purge();

    await steer(messageId, "send-now");

    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("while the queue is out of reach stays due, and the dispatcher sends it", async () => {
    const messageId = await waiting();
    service.faults.inject({
      ...{ command: "SendMessage", when: "before", error: awsError("AccessDenied"), times: 1 },
    });

    const { status, json } = await steer(messageId, "send-now");
    service.advance(options.graceMs);
    await service.dispatch();

    expect([status, json.status]).toEqual([202, "PENDING"]);
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("whose answer from the table is lost is written and sent once", async () => {
    const messageId = await waiting();
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", error: transient(), times: 1 },
    });

    const { status } = await steer(messageId, "send-now");

    expect(status).toBe(202);
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("just as its attempt begins is answered that the attempt was faster", async () => {
    const messageId = await waiting();
    service.faults.before("UpdateItem", () => claim(messageId));

    const { status, json } = await steer(messageId, "send-now");

    expect([status, json.code, json.messageStatus]).toEqual([409, "INVALID_STATE", "PROCESSING"]);
  });

  test.each([
    ["COMPLETED", completed],
    ["FAILED", failed],
  ])("may not be %s already", async (state, make) => {
    const { status, json } = await steer(await make(), "send-now");

    expect([status, json.code, json.messageStatus]).toEqual([409, "INVALID_STATE", state]);
  });
});

describe("A replay", () => {
  test("gives a FAILED message all its attempts again, under the same webhook-id", async () => {
    const messageId = await failed();
    service.advance(hourMs);

    const { status, json } = await steer(messageId, "replay");
    await attempt(messageId, 2, { status: 200 });

    expect([status, json.status, json.replays]).toEqual([202, "QUEUED", 1]);
    expect(json.attemptsAllowed).toBe(1 + options.scheduleMs.length + 1);
    expect(json.failReason).toBeUndefined();
    const [first, second] = receiver.of(messageId);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.body).toEqual(first?.body);
    expect(first?.headers["postrider-replay"]).toBeUndefined();
    expect(second?.headers["postrider-replay"]).toBe("1");
    expect((await found(messageId)).status).toBe("COMPLETED");
  });

  test("begins the retry schedule and giveUpAt anew", async () => {
    const messageId = await failed();
    service.advance(2 * dayMs);
    await steer(messageId, "replay");

    await attempt(messageId, 2, { status: 503 });

    const { notBefore, giveUpAt } = await found(messageId);
    expect(notBefore).toBe(service.now() + (options.scheduleMs[0] ?? 0));
    expect(giveUpAt).toBe(service.now() + 3 * dayMs);
  });

  test("keeps message, content and attempts for as long as a new message", async () => {
    const body = "a".repeat(5000);
    const messageId = await submitted({ body });
    await attempt(messageId, 1, { status: 410, body: "gone" });
    service.advance(20 * dayMs);

    await steer(messageId, "replay");

    const { message, attempts, payloads } = await service.history({ senderId: "shop", messageId });
    const ttl = Math.ceil((service.now() + 30 * dayMs) / 1000);
    expect(message?.ttl).toBe(ttl);
    expect(attempts.map((each) => each.ttl)).toEqual([ttl]);
    expect(payloads.map((each) => each.ttl)).toEqual([ttl]);
  });

  test("does not shorten how long a message is kept", async () => {
    const deliverAt = iso(service.now() + 20 * dayMs);
    const messageId = await submitted({ deliverAt, retentionDays: 1 });
    await steer(messageId, "cancel");
    const { ttl } = await found(messageId);

    await steer(messageId, "replay", { deliverAt: iso(service.now()) });

    expect((await found(messageId)).ttl).toBe(ttl);
  });

  test("leaves the attempt that was delivered before it shown as delivered, with its times", async () => {
    const messageId = await completed();
    const before = await service.request(`/v1/messages/${messageId}/attempts`);
    await steer(messageId, "replay");
    await attempt(messageId, 2, { status: 503 });

    const { json } = await service.request(`/v1/messages/${messageId}/attempts`);

    expect(json.attempts).toMatchObject([
      { number: 1, outcome: "delivered", status: 200 },
      { number: 2, outcome: "failed", status: 503 },
    ]);
    expect(json.attempts[0]).toEqual(before.json.attempts[0]);
    expect(json.attempts[0].durationMs).toBeDefined();
  });

  test("of a cancelled message does not come before its deliverAt", async () => {
    const deliverAt = service.now() + 2 * dayMs;
    const messageId = await submitted({ deliverAt: iso(deliverAt) });
    await steer(messageId, "cancel");

    const { json } = await steer(messageId, "replay");

    expect([json.status, json.notBefore]).toEqual(["PENDING", iso(deliverAt)]);
    expect(json.cancelRequestedAt).toBeUndefined();
    expect(service.recordsOf(messageId)).toEqual([]);
  });

  test("may name the number of attempts and when the first begins", async () => {
    const messageId = await failed();
    const deliverAt = iso(service.now() + 10 * minuteMs);

    const { json } = await steer(messageId, "replay", { attempts: 1, deliverAt });

    expect([json.attemptsAllowed, json.notBefore]).toEqual([2, deliverAt]);
    expect((await found(messageId)).deliverAt).toBeUndefined();
  });

  test("counts once if two are made at once", async () => {
    const messageId = await failed();

    const both = await Promise.all([steer(messageId, "replay"), steer(messageId, "replay")]);

    expect(both.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    expect((await found(messageId)).replays).toBe(1);
    expect(recordsFor(messageId, 2)).toHaveLength(1);
  });

  test("whose answer from the table is lost is its own, and is answered as done", async () => {
    const messageId = await failed();
    service.faults.inject({
      ...{ command: "UpdateItem", when: "after", error: transient(), times: 1 },
      on: (input) => String(input["UpdateExpression"]).includes("replays"),
    });

    const { status } = await steer(messageId, "replay");

    expect(status).toBe(202);
    expect((await found(messageId)).replays).toBe(1);
    expect(recordsFor(messageId, 2)).toHaveLength(1);
  });

  test("while the queue is out of reach is stored, and the dispatcher sends it", async () => {
    const messageId = await failed();
    service.faults.inject({
      ...{ command: "SendMessage", when: "before", error: awsError("AccessDenied"), times: 1 },
    });

    const { status, json } = await steer(messageId, "replay");
    service.advance(options.graceMs);
    await service.dispatch();

    expect([status, json.status]).toEqual([202, "PENDING"]);
    expect(recordsFor(messageId, 2)).toHaveLength(1);
  });

  test.each([
    ["the content is kept for longer", 1],
    ["the attempts are kept for longer", 2],
  ])("that dies after %s leaves the message as it was", async (_name, updates) => {
    const messageId = await submitted({ body: "a".repeat(5000) });
    await attempt(messageId, 1, { status: 410 });
    service.advance(dayMs);
    const before = await found(messageId);
    let left = updates;
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError("AccessDenied") },
      on: () => {
        left -= 1;
        return left < 0;
      },
    });

    const { status } = await steer(messageId, "replay");
    service.faults.clear();

    expect(status).toBe(503);
    expect(await found(messageId)).toEqual(before);
    expect((await steer(messageId, "replay")).status).toBe(202);
  });

  test("of a message whose content is gone is refused", async () => {
    const messageId = await submitted({ body: "a".repeat(5000) });
    await attempt(messageId, 1, { status: 410 });
    const { fingerprint } = await found(messageId);
    await payloadEntity(service.storage)
      .delete(stored({ senderId: "shop", messageId, fingerprint }))
      .go();

    const { status, json } = await steer(messageId, "replay");

    expect([status, json.detail]).toEqual([
      409,
      "The message is FAILED. Its headers and body are no longer stored.",
    ]);
    expect((await found(messageId)).replays).toBe(0);
  });

  test("of a message that has not ended is refused", async () => {
    const { status, json } = await steer(await submitted(), "replay");

    expect([status, json.messageStatus, json.detail]).toEqual([
      409,
      "QUEUED",
      "The message is QUEUED. Only one that has ended can be replayed.",
    ]);
  });

  test("of a message that has expired is answered as for a missing one", async () => {
    const messageId = await failed({ retentionDays: 1 });
    service.advance(6 * dayMs);

    const { status, json } = await steer(messageId, "replay");

    expect([status, json.code]).toEqual([404, "NOT_FOUND"]);
  });

  test("is made 99 times at most", async () => {
    const messageId = await failed();
    const replayed = async (): Promise<number> => {
      const { status } = await steer(messageId, "replay");
      await steer(messageId, "cancel");
      return status;
    };
    const statuses = new Set<number>();
    for (let count = 0; count < 99; count += 1) statuses.add(await replayed());

    const { status, json } = await steer(messageId, "replay");

    expect([...statuses]).toEqual([202]);
    expect([status, json.detail]).toEqual([
      409,
      "The message is CANCELLED. It was replayed 99 times, which is the maximum.",
    ]);
  });
});

describe("A faulty request", () => {
  test("to replay gets every fault, and changes nothing", async () => {
    const messageId = await failed();
    const before = await found(messageId);
    const late = iso(service.now() + 31 * dayMs);

    const { status, json } = await steer(messageId, "replay", {
      attempts: 51,
      deliverAt: late,
      targetUrl: "https://elsewhere.example",
    });

    expect(status).toBe(400);
    expect(json.issues.map(({ path }: { path: string[] }) => path.join("."))).toEqual([
      ...["attempts", "deliverAt", "targetUrl"],
    ]);
    expect(await found(messageId)).toEqual(before);
  });

  test.each<[string, unknown]>([
    ["is not an object", []],
    ["is null", "null"],
    ["has a member that is not known", { force: true }],
    ["is not JSON", "{"],
    ["names a member twice", '{"attempts":1,"attempts":1}'],
    ["has a number as text", { attempts: "3" }],
    ["asks for no attempt", { attempts: 0 }],
    ["asks for half an attempt", { attempts: 1.5 }],
    ["has no time for a time", { deliverAt: "tomorrow" }],
  ])("whose body %s is refused by every action", async (_name, body) => {
    const [waiting, ended] = [await submitted(), await failed()];

    const answers = await Promise.all([
      steer(waiting, "cancel", body),
      steer(waiting, "send-now", body),
      steer(ended, "replay", body),
      steer(ended, "erase", body),
    ]);

    expect(answers.map(({ status, json }) => [status, json.code])).toEqual(
      actions.map(() => [400, "VALIDATION_ERROR"]),
    );
    expect((await found(waiting)).status).toBe("QUEUED");
    expect(await found(ended)).toMatchObject({ status: "FAILED", body: expect.anything() });
  });

  test("whose body is declared as something else is refused", async () => {
    const messageId = await failed();
    const path = `/v1/messages/${messageId}/replay`;

    const { status } = await service.request(path, { method: "POST", body: "attempts=1" });

    expect(status).toBe(415);
  });

  test.each(actions)("to %s may have an empty object for its body", async (action) => {
    const messageId = needsEnd(action) ? await failed() : await submitted();

    const { status } = await steer(messageId, action, {});

    expect(status).toBe(statusOf(action));
  });
});

describe.each(actions)("A request to %s", (action) => {
  const ready = () => (needsEnd(action) ? failed() : submitted());

  test("by another sender is answered as for a message that is missing", async () => {
    const other = await service.senderWithKey(`other-${action}`);
    const messageId = await ready();
    const before = await found(messageId);

    const theirs = await steer(messageId, action, undefined, other);
    const nobodys = await steer("none", action, undefined, other);

    expect([theirs.status, theirs.text]).toEqual([404, nobodys.text]);
    expect(await found(messageId)).toEqual(before);
  });

  test("with a key that may only read is refused", async () => {
    const reader = await service.senderWithKey("shop", { scopes: ["messages:read"] });
    const messageId = await ready();
    const before = await found(messageId);

    const { status, json } = await steer(messageId, action, undefined, reader);

    expect([status, json.code]).toEqual([403, "FORBIDDEN"]);
    expect(await found(messageId)).toEqual(before);
  });

  test("without a valid key is refused", async () => {
    const messageId = await ready();

    const { status } = await steer(messageId, action, undefined, "none");

    expect(status).toBe(401);
  });

  test("finds a message whose id needs encoding", async () => {
    const messageId = `${action}/a?b#${++ids}`;
    const targetUrl = `${receiver.url}/hook`;
    await service.submit(aRequest({ messageId, targetUrl }));
    if (needsEnd(action)) await attempt(messageId, 1, { status: 410 });
    const path = `~${Buffer.from(messageId).toString("base64url")}`;

    const { status, json } = await steer(path, action);

    expect([status, json.messageId]).toEqual([statusOf(action), messageId]);
  });
});

describe("The log", () => {
  test("has one line for each action, with what it changed and by which key", async () => {
    const messageId = await submitted();
    const { keyId } = service.linesOf("submit").at(-1) ?? {};

    await steer(messageId, "cancel");
    await steer(messageId, "send-now");

    const [done, refused] = service.linesOf("steer").slice(-2);
    expect(done).toEqual({
      ...{ event: "steer", action: "cancel", senderId: "shop", keyId, messageId },
      ...{ status: "CANCELLED", problem: undefined, durationMs: 0 },
      transitions: [{ verb: "cancel", from: "QUEUED", to: "CANCELLED" }],
    });
    expect(refused).toMatchObject({
      ...{ action: "send-now", messageId, problem: "INVALID_STATE", transitions: [] },
    });
  });

  test("names the message and the call if the table fails", async () => {
    const messageId = await submitted();
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", error: awsError("AccessDenied"), times: 1 },
    });

    const { status, text } = await steer(messageId, "cancel");

    expect(status).toBe(503);
    expect(text).not.toMatch(/arn:aws|AccessDenied/);
    expect(service.failures.at(-1)?.fields).toMatchObject({ senderId: "shop", messageId });
    expect(service.linesOf("steer").at(-1)?.problem).toBe("SYSTEM_ERROR");
  });
});
