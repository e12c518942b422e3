/** The two workers of the guide, each over a Postrider of its own as a user would test it. */
import { afterEach, expect, test } from "@jest/globals";
import { emailWorker, type Mail, type Sent } from "../../examples/email-worker/worker.ts";
import { type Order, orderWorker } from "../../examples/order-worker/worker.ts";
import { assertStatus, startTestPostrider, type TestPostrider } from "../../testing/index.ts";
import type { Worker } from "../../worker/index.ts";

let mail: TestPostrider;
afterEach(() => mail.stop());

const targetUrl = "https://orders.example/";
const start = async (worker: (own: Worker) => ReturnType<Worker["handler"]>) => {
  mail = await startTestPostrider({ worker });
};

test("Orders are handed over, and again until they are taken", async () => {
  const handed: [Order, string][] = [];
  await start((own) =>
    orderWorker(own, async (order, key) => {
      handed.push([order, key]);
      return handed.length > 2;
    }),
  );
  const order = { orderId: "1", total: 7 };
  await mail.client.send({ messageId: "order-1", targetUrl, body: order });

  await mail.advance("1m");

  await assertStatus(mail, "order-1", "COMPLETED");
  expect(handed.map(([one]) => one)).toEqual([order, order, order]);
  expect(new Set(handed.map(([, key]) => key)).size).toBe(1);
  expect(mail.failures).toEqual([]);
});

test("An order that cannot be handed over for an error is handed over later", async () => {
  let calls = 0;
  await start((own) =>
    orderWorker(own, async () => {
      calls += 1;
      if (calls === 1) throw new Error("no route to the warehouse");
      return true;
    }),
  );
  await mail.client.send({ messageId: "order-1", targetUrl, body: {} });

  await mail.advance("1m");

  await assertStatus(mail, "order-1", "COMPLETED");
  expect(mail.failures).toMatchObject([{ what: "work failed" }]);
});

const letter: Mail = { to: "ada@example.com", subject: "Your order", text: "It is on its way." };
const startMail = async (...answers: readonly Sent[]) => {
  const asked: { mail: Mail; key: string; at: number; timeoutMs: number }[] = [];
  const left = [...answers];
  await start((own) =>
    emailWorker(own, async (one, { idempotencyKey, timeoutMs }) => {
      asked.push({ mail: one, key: idempotencyKey, at: mail.now(), timeoutMs });
      return left.shift() ?? { kind: "sent" };
    }),
  );
  return asked;
};

test("A mail is sent, after a busy service has had the time that it asked for", async () => {
  const asked = await startMail({ kind: "busy", retryAfterMs: 60_000 }, { kind: "busy" });
  const startedAt = mail.now();
  await mail.client.send({ messageId: "mail-1", targetUrl, body: letter });

  await mail.advance("1h");

  await assertStatus(mail, "mail-1", "COMPLETED");
  expect(asked.map(({ at }) => (at - startedAt) / 1000)).toEqual([0, 60, 90]);
  expect(asked.at(-1)).toMatchObject({ mail: letter, timeoutMs: 15_000 });
  expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
});

test("A mail to an address that nobody has is not tried again", async () => {
  const asked = await startMail({ kind: "no-such-address" });
  await mail.client.send({ messageId: "mail-1", targetUrl, body: letter });

  await mail.advance("1d");

  expect(await assertStatus(mail, "mail-1", "FAILED")).toMatchObject({ failReason: "gone" });
  expect(asked).toHaveLength(1);
});

test.each([
  ["no JSON", "text"],
  ["no text", { ...letter, text: "" }],
  ["nobody to send it to", { subject: "Hello", text: "Hello" }],
  ["nothing", undefined],
])("A mail with %s has FAILED, and is not sent", async (_, body) => {
  const asked = await startMail();
  await mail.client.send({ messageId: "mail-1", targetUrl, body });

  await mail.advance("1d");

  const failed = await assertStatus(mail, "mail-1", "FAILED");
  expect(failed).toMatchObject({ failReason: "unsendable" });
  expect(asked).toEqual([]);
});
