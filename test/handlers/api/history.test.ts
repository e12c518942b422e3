/** The time line of a message: what happened to it, and who did what. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Action } from "../../../domain/actions.ts";
import { awsError } from "../../support/faults.ts";
import { type Answer, openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterEach(() => service.purge());
afterAll(() => receiver.close());

const submitted = async (members: object = {}): Promise<string> => {
  const messageId = `history-${++ids}`;
  const targetUrl = `${receiver.url}/hook`;
  const { status } = await service.submit(aRequest({ messageId, targetUrl, ...members }));
  expect(status).toBe(202);
  return messageId;
};
const attempt = (messageId: string, number: number, given: Answer) => {
  answer = given;
  return service.work({ v: 1, senderId: "shop", messageId, attempt: number });
};
const steer = (messageId: string, action: Action, body: object = {}, address?: string) => {
  const request = new Request(`http://localhost/v1/messages/${messageId}/${action}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${service.apiKey}`,
      "content-type": "application/json",
      "x-forwarded-for": "203.0.113.9",
    },
    body: JSON.stringify(body),
  });
  return service.api.fetch(request, { address });
};
const historyOf = async (messageId: string) =>
  (await service.request(`/v1/messages/${messageId}/history`)).json.events;
const actionsOf = async (messageId: string) =>
  (await historyOf(messageId)).filter(({ kind }: { kind: string }) => kind === "action");

test("The history has the submit, each attempt, each action and each state, in order", async () => {
  const messageId = await submitted();
  service.advance(1000);
  await attempt(messageId, 1, { status: 503 });
  service.advance(1000);
  await steer(messageId, "send-now", {}, "192.0.2.7");
  service.advance(1000);
  await attempt(messageId, 2, { status: 410 });
  service.advance(1000);
  await steer(messageId, "replay", { attempts: 3 });
  service.advance(1000);
  await attempt(messageId, 3, { status: 200 });

  const events = await historyOf(messageId);

  expect(
    events.map(({ kind, number, outcome, status, action }: Record<string, unknown>) =>
      [kind, number, outcome, action, kind === "state" ? status : undefined]
        .filter(Boolean)
        .join(" "),
    ),
  ).toEqual([
    "submitted",
    "attempt 1 failed",
    "action send-now",
    "attempt 2 failed",
    "action replay",
    "state PENDING",
    "state QUEUED",
    "attempt 3 delivered",
    "state PROCESSING",
    "state COMPLETED",
  ]);
  expect(events[2]).toMatchObject({
    at: new Date(service.now() - 3000).toISOString(),
    by: { keyId: expect.stringMatching(/^[\w-]{12}$/), address: "192.0.2.7" },
    ...{ found: "QUEUED", refused: false },
  });
  expect(events[4]).toMatchObject({ asked: { attempts: 3 }, found: "FAILED" });
});

test("A delivered attempt stands before the replay that followed it", async () => {
  const messageId = await submitted();
  await attempt(messageId, 1, { status: 200 });
  const deliveredAt = new Date(service.now()).toISOString();
  service.advance(1000);
  await steer(messageId, "replay");
  service.advance(1000);
  await attempt(messageId, 2, { status: 200 });

  const events = await historyOf(messageId);

  const told = events.flatMap(({ kind, number, action, at }: Record<string, unknown>) =>
    kind === "state" ? [] : [[kind, number ?? action, kind === "attempt" && number === 1 && at]],
  );
  expect(told).toEqual([
    ["submitted", undefined, false],
    ["attempt", 1, deliveredAt],
    ["action", "replay", false],
    ["attempt", 2, false],
  ]);
});

test("The address is that of the connection, and not one that a header names", async () => {
  const messageId = await submitted();

  await steer(messageId, "cancel");

  expect((await actionsOf(messageId))[0].by).toEqual({ keyId: expect.any(String) });
});

test("Lambda says the address of the connection in its request context", async () => {
  const messageId = await submitted();

  await service.api.request(
    `/v1/messages/${messageId}/cancel`,
    { method: "POST", headers: { authorization: `Bearer ${service.apiKey}` } },
    { requestContext: { http: { sourceIp: "192.0.2.8" } } },
  );

  expect((await actionsOf(messageId))[0].by.address).toBe("192.0.2.8");
});

describe("An action", () => {
  test.each<[Action, () => Promise<string>]>([
    ["replay", () => submitted()],
    [
      "send-now",
      async () => {
        const messageId = await submitted();
        await steer(messageId, "cancel");
        return messageId;
      },
    ],
  ])("that the state does not allow leaves no entry: %s", async (action, arrange) => {
    const messageId = await arrange();
    const before = await actionsOf(messageId);

    expect((await steer(messageId, action)).status).toBe(409);

    expect(await actionsOf(messageId)).toEqual(before);
  });

  test("that is asked for again and changes nothing leaves one entry", async () => {
    const messageId = await submitted();

    await steer(messageId, "cancel");
    await steer(messageId, "cancel");

    expect(await actionsOf(messageId)).toHaveLength(1);
  });

  test("whose request is faulty leaves no entry", async () => {
    const messageId = await submitted();

    expect((await steer(messageId, "cancel", { why: "no" })).status).toBe(400);

    expect(await actionsOf(messageId)).toEqual([]);
  });

  test("that comes after a faster one is marked as refused", async () => {
    const messageId = await submitted();
    await attempt(messageId, 1, { status: 410 });
    service.faults.before("UpdateItem", async () => steer(messageId, "replay"));

    expect((await steer(messageId, "replay")).status).toBe(409);

    const refused = (await actionsOf(messageId)).map(
      (entry: { refused: boolean }) => entry.refused,
    );
    expect(refused.sort()).toEqual([false, true]);
  });

  test("whose process dies before it is done has its entry, and is done by a repeat", async () => {
    const messageId = await submitted();
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "UpdateItem", when: "before", error, times: 1 });

    expect((await steer(messageId, "cancel")).status).toBe(503);
    expect(await actionsOf(messageId)).toMatchObject([{ action: "cancel", refused: false }]);
    expect((await service.get(messageId))?.status).toBe("QUEUED");

    expect((await steer(messageId, "cancel")).status).toBe(200);
    expect(await actionsOf(messageId)).toHaveLength(2);
  });

  test("is not done where its entry cannot be stored", async () => {
    const messageId = await submitted();
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "PutItem", when: "before", error });

    expect((await steer(messageId, "cancel")).status).toBe(503);

    expect((await service.get(messageId))?.status).toBe("QUEUED");
  });

  test("stays for as long as its message, also after a replay", async () => {
    const messageId = await submitted();
    await steer(messageId, "cancel");
    service.advance(20 * 86_400_000);
    await steer(messageId, "replay");
    const { ttl = 0 } = (await service.get(messageId)) ?? {};

    const { actions } = await service.history({ senderId: "shop", messageId });

    expect(actions.map((entry) => entry.ttl)).toEqual([ttl, ttl]);
  });

  test("of an expired message is not shown for another one of its id", async () => {
    const messageId = await submitted({ retentionDays: 1 });
    await steer(messageId, "cancel");
    service.advance(10 * 86_400_000);
    const timestamp = new Date(service.now()).toISOString();
    const targetUrl = `${receiver.url}/hook`;
    await service.submit(aRequest({ messageId, targetUrl, timestamp }));

    expect(await actionsOf(messageId)).toEqual([]);
  });
});
