/** What a sender sees, and what is left behind, when the table or the queue fails. */
import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../../domain/message.ts";
import { awsError, type Fault } from "../../support/faults.ts";
import { openReceiver } from "../../support/receiver.ts";
import { aRequest, type Service, useService } from "../../support/service.ts";

const service = useService();
let ids = 0;
const anId = (): string => `fault-${++ids}`;

type Answer = Awaited<ReturnType<Service["submit"]>>;
type On = NonNullable<Fault["on"]>;

const large = { headers: { "x-a": "1" }, body: "x".repeat(2000) };

const errors: readonly (readonly [string, Error])[] = [
  ["is throttled", awsError("ProvisionedThroughputExceededException")],
  [
    "cannot be reached",
    Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:443"), {
      name: "Error",
      code: "ECONNREFUSED",
    }),
  ],
  ["is denied", awsError("AccessDeniedException")],
  [
    "does not answer in time",
    Object.assign(new Error("socket hang up at db.internal"), { name: "TimeoutError" }),
  ],
  ["answers 500", awsError("InternalServerError", 500)],
];

const ofEntity =
  (entity: string): On =>
  ({ Item: item }) =>
    JSON.stringify(item).includes(`"__edb_e__":{"S":"${entity}"}`);
const ofKey =
  (part: string): On =>
  ({ Key: key, ExpressionAttributeValues: values }) =>
    JSON.stringify(key ?? values).includes(part);

/** An answer that says that repeating is safe, and nothing of what went wrong. */
const expectSystemError = ({ status, headers, json, text }: Answer): void => {
  expect(status).toBe(503);
  expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  expect(headers.get("content-type")).toBe("application/problem+json");
  expect(json).toEqual({
    type: "urn:postrider:problem:system-error",
    title: "Postrider cannot do this right now",
    status: 503,
    code: "SYSTEM_ERROR",
    detail: "Something on our side did not answer. Repeating the same request is safe.",
  });
  expect([...headers].join() + text).not.toMatch(
    /arn:|postrider-test|exception|ECONNREFUSED|timeout|10\.0|internal|dynamo|sqs|\.ts|\bat /i,
  );
};

const existing = async (messageId: string): Promise<Message> => {
  const message = await service.get(messageId);
  if (!message) throw new Error("The message is not stored");
  return message;
};

/** A message as it was when its record was about to be sent. */
const asStored = (messageId: string) => {
  let before: Message | undefined;
  service.faults.before("SendMessage", async () => {
    before = await service.get(messageId);
  });
  return () => before;
};

describe.each(errors)("If a call %s", (_name, error) => {
  test("a message that cannot be stored is not there, and a repeat stores it", async () => {
    const messageId = anId();
    service.faults.inject({ command: "PutItem", on: ofEntity("message"), when: "before", error });

    const answer = await service.submit(aRequest({ messageId }));
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.get(messageId)).toBeUndefined();
    expect(service.recordsOf(messageId)).toEqual([]);
    expect((await service.submit(aRequest({ messageId }))).status).toBe(202);
  });

  test("a message whose payload cannot be stored is not there either", async () => {
    const messageId = anId();
    service.faults.inject({ command: "PutItem", on: ofEntity("payload"), when: "before", error });

    const answer = await service.submit(aRequest({ messageId, ...large }));
    service.faults.clear();

    expectSystemError(answer);
    const { message, payloads } = await service.history({ senderId: "shop", messageId });
    expect({ message, payloads }).toEqual({ payloads: [] });
    expect((await service.submit(aRequest({ messageId, ...large }))).status).toBe(202);
  });

  test("a message whose payload was stored in vain is not there, and a repeat stores it", async () => {
    const messageId = anId();
    service.faults.inject({ command: "PutItem", on: ofEntity("message"), when: "before", error });

    const answer = await service.submit(aRequest({ messageId, ...large }));
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.get(messageId)).toBeUndefined();
    expect((await service.submit(aRequest({ messageId, ...large }))).status).toBe(202);
  });

  test.each([
    ["API key", "hash_"],
    ["sender", "$sender_1"],
  ])("a caller whose %s cannot be read is not refused for good", async (_what, part) => {
    const messageId = anId();
    const key = await service.senderWithKey("shop");
    service.faults.inject({ command: "GetItem", on: ofKey(part), when: "before", error });

    const answer = await service.submit(aRequest({ messageId }), key);
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.get(messageId)).toBeUndefined();
    expect((await service.submit(aRequest({ messageId }), key)).status).toBe(202);
  });

  test("a repeat that cannot be compared with what is there changes nothing", async () => {
    const messageId = anId();
    await service.submit(aRequest({ messageId }));
    const before = await service.table.item({ senderId: "shop", messageId });
    // DynamoDB shows what is there with the refusal, if it can; not every engine does.
    const refused = awsError("ConditionalCheckFailedException");
    service.faults.inject({ command: "PutItem", when: "before", error: refused, times: 1 });
    service.faults.inject({ command: "GetItem", on: ofKey(messageId), when: "before", error });

    const answer = await service.submit(aRequest({ messageId }));
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.table.item({ senderId: "shop", messageId })).toEqual(before);
  });

  test("a message that cannot be marked QUEUED is PENDING, and on the queue", async () => {
    const messageId = anId();
    const before = asStored(messageId);
    service.faults.inject({ command: "UpdateItem", when: "before", error });

    const answer = await service.submit(aRequest({ messageId }));
    service.faults.clear();

    expectSystemError(answer);
    expect(before()).toMatchObject({ status: "PENDING" });
    expect(await service.get(messageId)).toEqual(before());
    expect(service.recordsOf(messageId)).toHaveLength(1);
  });

  test("a message that can neither be sent nor rolled back is as it was", async () => {
    const messageId = anId();
    const before = asStored(messageId);
    service.faults.inject({ command: "SendMessage", when: "before", error });
    service.faults.inject({ command: "UpdateItem", when: "before", error });

    const answer = await service.submit(aRequest({ messageId }));
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.get(messageId)).toEqual(before());
    expect(service.recordsOf(messageId)).toEqual([]);
  });

  test.each([
    ["message", "", "GetItem", "$history#message"],
    ["message's payload", "", "GetItem", "$history#payload"],
    ["message, asked for its attempts,", "/attempts", "GetItem", "$history#message"],
    ["list of attempts", "/attempts", "Query", "attempt"],
  ])("a %s that cannot be read is answered with that", async (_what, path, command, part) => {
    const messageId = anId();
    await service.submit(aRequest({ messageId, ...large }));
    service.faults.inject({ command, on: ofKey(part), when: "before", error });

    const answer = await service.request(`/v1/messages/${messageId}${path}`);
    service.faults.clear();

    expectSystemError(answer);
    expect((await service.request(`/v1/messages/${messageId}${path}`)).status).toBe(200);
  });
});

describe("A fault of ours", () => {
  test("is logged with what it was, and counted", async () => {
    const error = awsError("AccessDeniedException");
    service.faults.inject({ command: "PutItem", when: "before", error });
    const before = service.counts.get("SystemErrors") ?? 0;
    const failures = service.failures.length;

    const messageId = anId();
    await service.submit(aRequest({ messageId }));

    expect(service.counts.get("SystemErrors")).toBe(before + 1);
    expect(service.failures.slice(failures)).toEqual([
      {
        what: "request failed",
        error: expect.objectContaining({ name: error.name }),
        fields: expect.objectContaining({ messageId }),
      },
    ]);
    expect(service.lines.at(-1)).toMatchObject({ event: "submit", problem: "SYSTEM_ERROR" });
  });

  test("that passes while the SDK repeats the call is not seen at all", async () => {
    const error = awsError("ProvisionedThroughputExceededException");
    service.faults.inject({ command: "PutItem", when: "before", error, times: 1 });
    service.faults.inject({ command: "SendMessage", when: "before", error, times: 2 });
    service.faults.inject({ command: "UpdateItem", when: "before", error, times: 2 });

    const { status, json } = await service.submit(aRequest({ messageId: anId() }));

    expect([status, json.status]).toEqual([202, "QUEUED"]);
  });
});

const queueErrors = errors.map(([name, error]) => [name, error] as const);
const denied = awsError("AccessDeniedException");

describe("A record that cannot be sent", () => {
  test.each(queueErrors)("because the call %s leaves the message PENDING", async (_name, error) => {
    const messageId = anId();
    const before = asStored(messageId);
    service.faults.inject({ command: "SendMessage", when: "before", error });

    const answer = await service.submit(aRequest({ messageId }));
    service.faults.clear();

    expectSystemError(answer);
    expect(await service.get(messageId)).toEqual(before());
    expect(before()).toMatchObject({ status: "PENDING", attempts: 0 });
    expect(service.recordsOf(messageId)).toEqual([]);
  });

  test.each(queueErrors)(
    "as far as we know, because the call %s too late, leaves the message PENDING",
    async (_name, error) => {
      const messageId = anId();
      const before = asStored(messageId);
      service.faults.inject({ command: "SendMessage", when: "after", error });

      const answer = await service.submit(aRequest({ messageId }));
      service.faults.clear();

      expectSystemError(answer);
      expect(await service.get(messageId)).toEqual(before());
      expect(new Set(service.recordsOf(messageId).map(({ attempt }) => attempt))).toEqual(
        new Set([1]),
      );
    },
  );

  test("takes back the mark of a repeat that was faster, and changes nothing else", async () => {
    const messageId = anId();
    let marked: Message | undefined;
    service.faults.before("SendMessage", async () => {
      service.advance(10);
      const repeat = await service.submit(aRequest({ messageId }));
      expect(repeat.json).toMatchObject({ status: "QUEUED", duplicate: true });
      marked = await existing(messageId);
      service.advance(10);
      service.faults.inject({ command: "SendMessage", when: "before", error: denied });
    });

    const answer = await service.submit(aRequest({ messageId }));

    expectSystemError(answer);
    const now = service.now();
    expect(await service.get(messageId)).toEqual({
      ...marked,
      status: "PENDING",
      pendingAt: now,
      updatedAt: now,
    });
  });

  test("takes back the mark of a worker's retry at worst, which is claimed from PENDING as well", async () => {
    const messageId = anId();
    let claimed: Message | undefined;
    service.faults.before("SendMessage", async () => {
      await service.submit(aRequest({ messageId }));
      await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
      claimed = await existing(messageId);
      service.faults.inject({ command: "SendMessage", when: "before", error: denied });
    });

    const answer = await service.submit(aRequest({ messageId }));

    expectSystemError(answer);
    const now = service.now();
    const taken = { status: "PENDING", pendingAt: now, updatedAt: now };
    expect(claimed).toMatchObject({ status: "QUEUED", attempts: 1 });
    expect(await service.get(messageId)).toEqual({ ...claimed, ...taken });

    service.advance(5000);
    await service.work({ v: 1, senderId: "shop", messageId, attempt: 2 });
    expect(await existing(messageId)).toMatchObject({ attempts: 2 });
  });

  test.each(["before", "after"] as const)(
    "is sent by a repeat at once (the fault comes %s the sending)",
    async (when) => {
      const messageId = anId();
      service.faults.inject({ command: "SendMessage", when, error: denied, times: 1 });
      await service.submit(aRequest({ messageId }));
      const lost = service.recordsOf(messageId).length;

      const repeat = await service.submit(aRequest({ messageId }));

      expect(repeat.status).toBe(200);
      expect(repeat.json).toMatchObject({ status: "QUEUED", attempts: 0, duplicate: true });
      expect(service.recordsOf(messageId)).toHaveLength(lost + 1);
    },
  );
});

describe("A message that is sent but cannot be marked", () => {
  test.each([
    ["before", "PENDING", 2],
    ["after", "QUEUED", 1],
  ] as const)(
    "is delivered once, however often it is submitted (the fault comes %s the mark)",
    async (when, left, records) => {
      const receiver = await openReceiver();
      const messageId = anId();
      const request = aRequest({ messageId, targetUrl: `${receiver.url}/hook` });
      service.faults.inject({ command: "UpdateItem", when, error: denied, times: 1 });

      const first = await service.submit(request);
      const status = (await existing(messageId)).status;
      const repeat = await service.submit(request);
      const queued = service.recordsOf(messageId);
      await service.work(...queued);
      receiver.close();

      expectSystemError(first);
      expect(status).toBe(left);
      expect([repeat.status, repeat.json.status]).toEqual([200, "QUEUED"]);
      expect(queued).toHaveLength(records);
      expect(receiver.of(messageId)).toHaveLength(1);
      const end = await service.submit(request);
      expect(end.json).toMatchObject({ status: "COMPLETED", attempts: 1, duplicate: true });
    },
  );

  test("because only the answer was lost is QUEUED, and no fault", async () => {
    const messageId = anId();
    const error = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    service.faults.inject({ command: "UpdateItem", when: "after", error, times: 1 });

    const { status, json } = await service.submit(aRequest({ messageId }));

    expect([status, json.status]).toEqual([202, "QUEUED"]);
    expect(await existing(messageId)).toMatchObject({ status: "QUEUED", queuedAt: service.now() });
  });
});
