import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { leaseFrom } from "../../domain/schedule.ts";
import { awsError } from "../support/faults.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, openService, options, type Service } from "../support/service.ts";

const { graceMs, leaseMs, clockMarginMs } = options;
const minuteMs = 60_000;

let service: Service;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeEach(async () => {
  service = await openService();
  receiver = await openReceiver();
});
afterEach(async () => {
  receiver.close();
  await service.close();
});

const record = (attempt: number, messageId = "order-1") => ({
  ...{ v: 1 as const, senderId: "shop" },
  messageId,
  attempt,
});

/** Submits a message whose record never gets onto the queue. */
const submitUnsent = async (overrides: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  service.faults.inject({
    ...{ command: "SendMessage", when: "before", times: 1 },
    error: awsError("AccessDenied"),
  });
  expect((await service.submit(aRequest(overrides))).status).toBe(503);
};

/** Claims the message's next attempt, as a worker does that then vanishes. */
const claim = async (messageId = "order-1"): Promise<void> => {
  const message = await service.get(messageId);
  if (!message) throw new Error("The message is not there");
  const now = service.now();
  const { leaseUntil, dueAt } = leaseFrom(now, { leaseMs, clockMarginMs });
  const notAfter = { notBefore: now, dueAt };
  const set = { owner: "vanished", leaseUntil };
  await service.messages.claim(message, { now, seen: message, notAfter, set });
};

describe("A PENDING message", () => {
  test("without a record is sent when its grace is over, and not before", async () => {
    await submitUnsent();

    service.advance(graceMs - 1);
    await service.dispatch();
    const before = service.queued();
    service.advance(1);
    await service.dispatch();

    expect(before).toEqual([]);
    expect(service.queued()).toEqual([record(1)]);
    expect(await service.get("order-1")).toMatchObject({
      status: "QUEUED",
      dueAt: service.now() + graceMs,
    });
  });

  test("a far message is sent with the exact remaining delay, never early", async () => {
    const deliverAt = service.now() + 60 * minuteMs;
    await service.submit(aRequest({ deliverAt: new Date(deliverAt).toISOString() }));

    service.advance(58 * minuteMs - 1);
    await service.dispatch();
    const before = service.queued();
    service.advance(1);
    await service.dispatch();

    expect(before).toEqual([]);
    expect(service.queued()).toEqual([record(1)]);
    // The queue still holds it back: nobody can receive it.
    expect((await service.receive()).Messages ?? []).toEqual([]);
    expect(await service.get("order-1")).toMatchObject({
      status: "QUEUED",
      notBefore: deliverAt,
      dueAt: deliverAt + graceMs,
    });
  });

  test("stays PENDING and due if the queue takes the batch but not its record", async () => {
    await submitUnsent();
    service.advance(graceMs);
    service.faults.alter("SendMessageBatch", () => ({ Successful: [], Failed: [{ Id: "0" }] }));

    await service.dispatch();
    const refused = await service.get("order-1");
    await service.dispatch();

    expect(refused).toMatchObject({ status: "PENDING", dueAt: service.now() });
    expect(await service.get("order-1")).toMatchObject({ status: "QUEUED" });
  });

  test("is sent again after a crash between the sending and the mark; one delivery", async () => {
    await submitUnsent({ targetUrl: `${receiver.url}/hook` });
    service.advance(graceMs);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before", times: 1 },
      error: awsError("AccessDeniedException"),
    });

    await service.dispatch();
    await service.dispatch();
    await service.work(...service.queued());

    expect(service.queued()).toEqual([record(1), record(1)]);
    expect(receiver.seen).toHaveLength(1);
    expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 1 });
  });
});

describe("A QUEUED message", () => {
  test("a message not claimed within its grace is checked again 15 minutes later", async () => {
    await service.submit(aRequest());
    service.advance(graceMs);

    await service.dispatch();

    expect(service.queued()).toEqual([record(1)]);
    expect((await service.get("order-1"))?.dueAt).toBe(service.now() + 15 * minuteMs);
  });

  test("a message whose record was lost gets others, ever more rarely", async () => {
    await service.submit(aRequest());
    service.advance(graceMs);
    await service.dispatch();

    service.advance(15 * minuteMs);
    await service.dispatch();
    const first = await service.get("order-1");
    service.advance((first?.dueAt ?? 0) - service.now());
    await service.dispatch();

    expect(service.queued()).toEqual([record(1), record(1), record(1)]);
    const waitedMs = (first?.dueAt ?? 0) - (first?.notBefore ?? 0);
    expect((await service.get("order-1"))?.dueAt).toBe(service.now() + waitedMs);
  });
});

describe("A PROCESSING message", () => {
  test("keeps its holder until the lease is over by more than clocks may differ", async () => {
    await service.submit(aRequest());
    await claim();
    service.advance(leaseMs + clockMarginMs);

    await service.dispatch();

    expect(await service.get("order-1")).toMatchObject({ status: "PROCESSING", attempts: 1 });
  });

  test("a message whose holder is gone is released, and retried after the scheduled wait", async () => {
    await service.submit(aRequest());
    await claim();
    service.advance(leaseMs + clockMarginMs + 1);

    await service.dispatch();

    expect(await service.get("order-1")).toMatchObject({
      status: "QUEUED",
      attempts: 1,
      notBefore: service.now() + 5000,
      lastOutcome: { attempt: 1, class: "unknown" },
    });
    expect(service.queued()).toContainEqual(record(2));
    const { json } = await service.request("/v1/messages/order-1/attempts");
    expect(json.attempts).toEqual([{ number: 1, outcome: "unknown" }]);
  });

  test("a message whose holder is gone with the last attempt has FAILED", async () => {
    await service.submit(aRequest({ retry: { maxAttempts: 1 } }));
    await claim();
    service.advance(leaseMs + clockMarginMs + 1);

    await service.dispatch();

    expect(await service.get("order-1")).toMatchObject({
      status: "FAILED",
      failReason: "attempts-exhausted",
    });
  });

  test("a message to be cancelled whose holder is gone is CANCELLED", async () => {
    await service.submit(aRequest());
    await claim();
    const now = service.now();
    const key = { senderId: "shop", messageId: "order-1" };
    await service.messages.requestCancel(key, { now, set: { cancelRequestedAt: now } });
    service.advance(leaseMs + clockMarginMs + 1);

    await service.dispatch();

    expect(await service.get("order-1")).toMatchObject({ status: "CANCELLED", attempts: 1 });
  });

  test("a message with a long lease is checked when the lease is over", async () => {
    await service.close();
    service = await openService({ graceMs: 1000 });
    await service.submit(aRequest());
    await claim();
    const leaseUntil = service.now() + leaseMs;
    service.advance(1000);

    await service.dispatch();

    expect((await service.get("order-1"))?.dueAt).toBe(leaseUntil + clockMarginMs + 1);
  });
});

describe("A run", () => {
  test("does nothing about messages that have ended", async () => {
    await service.submit(aRequest({ targetUrl: `${receiver.url}/hook` }));
    await service.work(...service.queued());
    const sent = service.queued().length;
    service.advance(24 * 60 * minuteMs);

    await service.dispatch();

    expect(service.queued()).toHaveLength(sent);
    expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED" });
  });

  test("goes through all pages of all shards", async () => {
    const ids = Array.from({ length: 230 }, (_, index) => `order-${index}`);
    service.faults.inject({
      ...{ command: "SendMessage", when: "before", times: ids.length },
      error: awsError("AccessDenied"),
    });
    await Promise.all(ids.map((messageId) => service.submit(aRequest({ messageId }))));
    service.advance(graceMs);

    await service.dispatch();

    expect(new Set(service.queued().map(({ messageId }) => messageId))).toEqual(new Set(ids));
  });

  test("two concurrent runs double records at most", async () => {
    await submitUnsent({ targetUrl: `${receiver.url}/hook` });
    service.advance(graceMs);

    await Promise.all([service.dispatch(), service.dispatch()]);
    await service.work(...service.queued());

    expect(receiver.seen).toHaveLength(1);
    expect(await service.get("order-1")).toMatchObject({ status: "COMPLETED", attempts: 1 });
  });

  test("is held up by no single message that the table refuses to change", async () => {
    await submitUnsent({ messageId: "a" });
    await submitUnsent({ messageId: "b" });
    service.advance(graceMs);
    service.faults.inject({
      ...{ command: "UpdateItem", when: "before" },
      error: awsError("AccessDeniedException"),
      on: (input) => JSON.stringify(input).includes('messageId_a"'),
    });

    await service.dispatch();

    expect(await service.get("a")).toMatchObject({ status: "PENDING" });
    expect(await service.get("b")).toMatchObject({ status: "QUEUED" });
  });

  test("a run that cannot read a shard fails, and handles the others", async () => {
    await submitUnsent();
    service.advance(graceMs);
    const { dueShard } = (await service.get("order-1")) ?? {};
    const other = dueShard === "0" ? "1" : "0";
    service.faults.inject({
      ...{ command: "Query", when: "before", times: 1 },
      error: awsError("AccessDeniedException"),
      on: (input) => JSON.stringify(input["ExpressionAttributeValues"]).includes(`"${other}"`),
    });

    await expect(service.dispatch()).rejects.toThrow("Shards could not be dispatched");

    expect(await service.get("order-1")).toMatchObject({ status: "QUEUED" });
  });

  test("writes one line an act, with the changes of state and how long its page took", async () => {
    await submitUnsent();
    service.advance(graceMs);
    service.faults.before("UpdateItem", async () => service.advance(700));

    await service.dispatch();

    expect(service.lines.filter(({ event }) => event === "dispatch")).toEqual([
      {
        ...{ event: "dispatch", senderId: "shop", messageId: "order-1", attempts: 0, act: "send" },
        transitions: [{ verb: "enqueue", from: "PENDING", to: "QUEUED" }],
        durationMs: 700,
      },
    ]);
  });
});
