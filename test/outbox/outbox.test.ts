/** The transactional outbox: a message that exists exactly if its transaction committed. */
import { DeleteItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Service as ElectroService, Entity } from "electrodb";
import { limits } from "../../domain/limits.ts";
import type { OutboxMessage, Sent } from "../../outbox/index.ts";
import { awsError } from "../support/faults.ts";
import { commit, orderEntry, outboxOf } from "../support/outbox.ts";
import { openReceiver } from "../support/receiver.ts";
import { aRequest, options, useService } from "../support/service.ts";

const service = useService();
let receiver: Awaited<ReturnType<typeof openReceiver>>;
beforeAll(async () => {
  receiver = await openReceiver();
});
afterAll(() => receiver.close());

let ids = 0;
const anId = (): string => `outbox-${++ids}`;
const aMessage = (overrides: object = {}) =>
  aRequest({
    messageId: anId(),
    targetUrl: receiver.url,
    ...overrides,
  }) as unknown as OutboxMessage;
const send = (overrides: object = {}): Promise<Sent> => outboxOf(service).send(aMessage(overrides));

/** A message that its transaction stored. */
const committed = async (overrides: object = {}): Promise<Sent> => {
  const sent = await send(overrides);
  expect(await commit(service, sent, sent.messageId)).toBeUndefined();
  return sent;
};
const statusOf = async ({ messageId }: Sent) => (await service.get(messageId))?.status;
const deliver = ({ messageId }: Sent) => service.work(...service.recordsOf(messageId));
/** Moves the clock on until the dispatcher looks at what nobody dispatched, and runs it. */
const dispatchLater = async (): Promise<void> => {
  service.advance(options.graceMs + 1);
  await service.dispatch();
};
/** Every item under the key of a message: itself, and payloads. */
const itemsOf = async ({ messageId }: Sent) =>
  (await service.table.scan()).filter((item) => item["messageId"] === messageId);
const orderOf = async (orderId: string) =>
  (await service.table.scan()).find((item) => item["pk"] === `order#${orderId}`);

const large = { body: "x".repeat(5000) };

describe("A message of the outbox", () => {
  test("does not exist before its transaction commits, and exists after", async () => {
    const sent = await send();
    expect([await itemsOf(sent), await sent.outcome()]).toEqual([[], "absent"]);

    expect(await commit(service, sent, anId())).toBeUndefined();

    expect(await service.get(sent.messageId)).toMatchObject({ status: "PENDING", attempts: 0 });
    expect(await sent.outcome()).toBe("committed");
  });

  test.each([
    ["small", {}],
    ["large", large],
  ])(
    "does not exist if another condition cancels the transaction, nor any part of it: %s",
    async (_name, body) => {
      const orderId = anId();
      await commit(service, await send(), orderId);
      const sent = await send(body);

      const reasons = await commit(service, sent, orderId);

      expect(reasons).toEqual(["ConditionalCheckFailed", ...sent.entries.map(() => "None")]);
      expect([await itemsOf(sent), await sent.outcome()]).toEqual([[], "absent"]);
    },
  );

  test.each([
    ["small", { redact: ["body"], headers: { "x-a": "1", constructor: "2" } }],
    ["large", { ...large, deliverAt: "2026-03-09T12:00:00Z" }],
  ])("is stored as the HTTP door stores it: %s", async (_name, members) => {
    const message = aMessage({ ...members, timestamp: "2026-03-01T12:00:00Z" });
    const sent = await outboxOf(service).send(message);
    await commit(service, sent, anId());
    const stored = await itemsOf(sent);
    for (const { pk, sk } of stored)
      await service.storage.client.send(
        new DeleteItemCommand({
          TableName: service.storage.table,
          Key: { pk: { S: String(pk) }, sk: { S: String(sk) } },
        }),
      );

    const { status } = await service.submit(message);

    expect(status).toBe(202);
    const own = { submitId: 0, status: 0, queuedAt: 0, updatedAt: 0 };
    const plain = (items: typeof stored) => items.map((item) => ({ ...item, ...own }));
    expect(plain(stored)).toEqual(plain(await itemsOf(sent)));
  });

  test("that is large has a payload of its own, and arrives byte for byte", async () => {
    const sent = await committed(large);
    expect([sent.entries.length, (await itemsOf(sent)).length]).toEqual([2, 2]);

    await sent.dispatch();
    await deliver(sent);

    expect(receiver.of(sent.messageId).map(({ body }) => body.toString())).toEqual([large.body]);
  });

  test("may have the largest body that there is", async () => {
    const sent = await committed({ body: "x".repeat(limits.bodyBytesMax) });

    expect(await statusOf(sent)).toBe("PENDING");
  });

  test("has its secret headers encrypted in the transaction, and delivered as they were", async () => {
    const headers = { authorization: "Bearer a-secret", "x-plain": "open" };
    const sent = await committed({ headers });
    const written = JSON.stringify([sent.entries, await itemsOf(sent)]);
    expect(written).toContain("x-plain");
    expect(written).not.toContain("a-secret");

    await sent.dispatch();
    await deliver(sent);

    expect(receiver.of(sent.messageId)[0]?.headers).toMatchObject(headers);
  });

  test("belongs to the trace that it is given, if that is valid", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const outbox = outboxOf(service);
    const traced = await outbox.send(aMessage(), { traceparent, tracestate: "a=1" });
    const untraced = await outbox.send(aMessage(), { traceparent: "mine", tracestate: "a=1" });
    for (const sent of [traced, untraced]) await commit(service, sent, sent.messageId);

    for (const sent of [traced, untraced]) {
      await sent.dispatch();
      await deliver(sent);
    }

    expect(receiver.of(traced.messageId)[0]?.headers).toMatchObject({
      ...{ traceparent, tracestate: "a=1" },
    });
    const [other] = receiver.of(untraced.messageId);
    expect(other?.headers).not.toHaveProperty("traceparent");
    expect(other?.headers).not.toHaveProperty("tracestate");
    expect(
      await outbox.send(aMessage({ messageId: traced.messageId })).then((again) => again.outcome()),
    ).toBe("duplicate");
  });

  test("takes an id again that has expired, and is not removed yet", async () => {
    const { messageId } = await committed({ retentionDays: 1 });
    service.advance(5 * 86_400_000);

    const again = await send({ messageId, body: "other" });

    expect(await commit(service, again, anId())).toBeUndefined();
    expect(await again.outcome()).toBe("committed");
  });

  test("has the defaults of its sender, read once a minute", async () => {
    const outbox = outboxOf(service);
    await service.senderWithKey("own");
    const given = { senderId: "own" };
    await outbox.send(aMessage(given));
    await service.senders.change("own", { maxAttempts: 7, scheduleMs: [1000] });
    const read = (sent: Sent) => sent.documents[0]?.Put.Item;

    const soon = read(await outbox.send(aMessage(given)));
    service.advance(60_001);
    const later = read(await outbox.send(aMessage(given)));

    expect([soon?.["attemptsAllowed"], soon?.["scheduleMs"]]).toEqual([4, undefined]);
    expect([later?.["attemptsAllowed"], later?.["scheduleMs"]]).toEqual([7, [1000]]);
  });
});

describe("A repeat", () => {
  test("of the same message cancels the transaction, and is told apart", async () => {
    const first = await committed();
    const again = await send({ messageId: first.messageId });

    const reasons = await commit(service, again, "another");

    expect(reasons).toEqual(["None", "ConditionalCheckFailed"]);
    expect([await again.outcome(), await first.outcome()]).toEqual(["duplicate", "committed"]);
    expect(await orderOf("another")).toBeUndefined();
  });

  test.each([
    ["small", { body: "other" }],
    ["large", large],
    ["with a secret", { headers: { authorization: "Bearer other" } }],
  ])("of the id with other content is a conflict, and changes nothing: %s", async (_of, other) => {
    const first = await committed();
    const before = await itemsOf(first);
    const again = await send({ messageId: first.messageId, ...other });

    await commit(service, again, anId());

    expect(await again.outcome()).toBe("conflict");
    expect(await itemsOf(first)).toEqual(before);
  });

  test("of a message with a secret is told apart also without the keys", async () => {
    const { messageId } = await committed({ headers: { authorization: "Bearer a" } });

    const again = await outboxOf(service, { masterKeys: undefined }).send(aMessage({ messageId }));

    expect(await again.outcome()).toBe("conflict");
  });

  test("of a message that came by the HTTP door is a duplicate, and the other way round", async () => {
    const [byHttp, byOutbox] = [aMessage(), aMessage()];
    await service.submit(byHttp);
    const again = await outboxOf(service).send(byHttp);
    await commit(service, await outboxOf(service).send(byOutbox), anId());

    expect(await commit(service, again, anId())).toEqual(["None", "ConditionalCheckFailed"]);
    expect(await again.outcome()).toBe("duplicate");
    expect((await service.submit(byOutbox)).status).toBe(200);
  });

  test("of a commit whose answer was lost finds the own message", async () => {
    const [sent, orderId] = [await send(), anId()];
    const lost = awsError("ValidationException");
    service.faults.inject({ command: "TransactWriteItems", when: "after", error: lost, times: 1 });
    await expect(commit(service, sent, orderId)).rejects.toThrow("ValidationException");

    const reasons = await commit(service, sent, orderId);

    expect(reasons).toEqual(["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    expect(await sent.outcome()).toBe("committed");
  });

  test("does not put the body into the error", async () => {
    const { messageId } = await committed({ body: "a secret body" });
    const again = await send({ messageId });

    const error = await service.storage.client
      .send(new TransactWriteItemsCommand({ TransactItems: [...again.entries] }))
      .catch((cancelled: unknown) => cancelled);

    expect(error).toMatchObject({ name: "TransactionCanceledException" });
    const body = Buffer.from("a secret body").toString("base64");
    expect(JSON.stringify(error)).not.toMatch(new RegExp(`secret body|${body}|"Item"`));
  });
});

describe("To dispatch", () => {
  test("puts the record on the queue at once, and the message is delivered", async () => {
    const sent = await committed();

    expect(await sent.dispatch()).toEqual({ kind: "sent", status: "QUEUED" });
    await deliver(sent);

    expect([await statusOf(sent), receiver.of(sent.messageId).length]).toEqual(["COMPLETED", 1]);
  });

  test("is the dispatcher's if nobody did: no earlier than the grace", async () => {
    const sent = await committed();
    service.advance(options.graceMs - 1);
    await service.dispatch();
    expect(service.recordsOf(sent.messageId)).toEqual([]);

    await dispatchLater();
    await deliver(sent);

    expect([await statusOf(sent), receiver.of(sent.messageId).length]).toEqual(["COMPLETED", 1]);
  });

  test("twice, also at once, sends one record", async () => {
    const sent = await committed();

    const both = await Promise.all([sent.dispatch(), sent.dispatch()]);
    await sent.dispatch();

    expect(both).toEqual(Array(2).fill({ kind: "sent", status: "QUEUED" }));
    expect(service.recordsOf(sent.messageId)).toHaveLength(1);
  });

  test("late, after the message was delivered, delivers nothing again", async () => {
    const sent = await committed();
    await dispatchLater();
    await deliver(sent);

    await sent.dispatch();
    await deliver(sent);

    expect([await statusOf(sent), receiver.of(sent.messageId).length]).toEqual(["COMPLETED", 1]);
  });

  test("without a commit makes no message", async () => {
    const sent = await send();

    await sent.dispatch();
    await deliver(sent);

    expect([await itemsOf(sent), receiver.of(sent.messageId)]).toEqual([[], []]);
  });

  test.each([
    ["the queue", { command: "SendMessage", when: "before" }],
    ["the table", { command: "UpdateItem", when: "before" }],
  ] as const)(
    "does not throw while %s is down: it tells, and can be tried again",
    async (_, fault) => {
      const sent = await committed();
      const error = awsError("AccessDeniedException");
      service.faults.inject({ ...fault, error });

      const down = await sent.dispatch();
      service.faults.clear();

      expect(down).toMatchObject({ kind: "left", because: "failed", error: { name: error.name } });
      expect(await statusOf(sent)).toBe("PENDING");
      expect(await sent.dispatch()).toEqual({ kind: "sent", status: "QUEUED" });
    },
  );

  test("is left to the dispatcher without a queue", async () => {
    const sent = await outboxOf(service, { queue: undefined }).send(aMessage());
    await commit(service, sent, anId());

    expect(await sent.dispatch()).toEqual({ kind: "left", because: "no-queue" });
    await dispatchLater();
    await deliver(sent);

    expect(await statusOf(sent)).toBe("COMPLETED");
  });

  test("waits on the queue for a deliverAt that is near", async () => {
    const deliverAt = new Date(service.now() + 600_000);
    const sent = await committed({ deliverAt });
    service.advance(60_000);

    await sent.dispatch();

    const asked = service.faults.inputs("SendMessage").at(-1);
    expect(asked).toMatchObject({ DelaySeconds: 540 });
  });

  test("is left to the dispatcher for a deliverAt that is far, which sends it in time", async () => {
    const deliverAt = new Date(service.now() + 3_600_000);
    const sent = await committed({ deliverAt });

    expect(await sent.dispatch()).toEqual({ kind: "left", because: "far" });
    expect(service.recordsOf(sent.messageId)).toEqual([]);
    service.advance(3_600_000 - 60_000);
    await service.dispatch();

    expect(service.recordsOf(sent.messageId)).toHaveLength(1);
    expect(await statusOf(sent)).toBe("QUEUED");
  });
});

describe("A transaction of ElectroDB", () => {
  const orders = () => {
    const { client, table } = service.storage;
    const order = new Entity(
      {
        model: { service: "shop", entity: "order", version: "1" },
        attributes: { orderId: { type: "string", required: true } },
        indexes: {
          primary: {
            pk: { field: "pk", composite: ["orderId"] },
            sk: { field: "sk", composite: [] },
          },
        },
      } as const,
      { client, table },
    );
    return new ElectroService({ order }, { client, table });
  };
  const write = (sent: Sent, orderId: string) =>
    orders()
      .transaction.write(({ order }) => [order.create({ orderId }).commit(), ...sent.documents])
      .go();
  const isThere = async (orderId: string): Promise<boolean> =>
    (await orders().entities.order.get({ orderId }).go({ consistent: true })).data !== null;

  test("takes the entries of a message beside its own", async () => {
    const [sent, orderId] = [await send({ ...large, headers: { "x-a": "1" } }), anId()];

    const { canceled } = await write(sent, orderId);

    expect([canceled, await isThere(orderId), await sent.outcome()]).toEqual([
      ...[false, true, "committed"],
    ]);
    await sent.dispatch();
    await deliver(sent);
    expect(receiver.of(sent.messageId)[0]?.headers["x-a"]).toBe("1");
  });

  test("stores neither if one of the two is there already", async () => {
    const [first, orderId] = [await committed(), anId()];
    const [again, other] = [await send({ messageId: first.messageId }), await send()];
    await write(await send(), orderId);

    const [byMessage, byOrder] = [await write(again, anId()), await write(other, orderId)];

    expect([byMessage.canceled, byOrder.canceled]).toEqual([true, true]);
    expect([await again.outcome(), await other.outcome()]).toEqual(["duplicate", "absent"]);
  });
});

test("An order of the same table and its message commit together, or neither", async () => {
  const [orderId, sent] = [anId(), await send()];

  await service.storage.client.send(
    new TransactWriteItemsCommand({
      TransactItems: [orderEntry(service, orderId), ...sent.entries],
    }),
  );

  expect(await orderOf(orderId)).toMatchObject({ total: 7 });
  expect(await statusOf(sent)).toBe("PENDING");
});
