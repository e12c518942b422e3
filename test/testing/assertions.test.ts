/** What the assertions throw is what a person reads when a test of theirs fails. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  assertDelivered,
  assertNothingDelivered,
  assertSigned,
  assertStatus,
  startTestPostrider,
  type TestPostrider,
  type TestReceiver,
} from "../../testing/index.ts";

let mail: TestPostrider;
let orders: TestReceiver;
let nobody: TestReceiver;
beforeAll(async () => {
  mail = await startTestPostrider();
  orders = mail.receiver("https://orders.example/hook");
  nobody = mail.receiver("https://nobody.example/");
  orders.next(503);
  const to = { targetUrl: orders.url };
  await mail.client.send({ ...to, messageId: "a", body: { total: 7 }, headers: { "x-kind": "A" } });
  await mail.client.send({ ...to, messageId: "b", body: "text" });
  await mail.client.send({ ...to, messageId: "later", deliverAt: "2026-01-02T00:00:00Z" });
  await mail.advance("1m");
});
afterAll(() => mail.stop());

test("A delivery that is as expected is returned", () => {
  const headers = { "X-Kind": "A" };
  const found = assertDelivered(orders, { messageId: "a", times: 2, body: { total: 7 }, headers });

  expect(found.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(assertDelivered(orders, { messageId: "b", body: "text" })[0].text).toBe("text");
});

test.each([
  [
    {},
    /^a message was delivered 3 times, not 1\nhttps:\/\/orders\.example\/hook got:\n.*a, attempt 1/s,
  ],
  [{ messageId: "c" }, /^c was delivered 0 times, not 1/],
  [{ messageId: "b", body: "other" }, /^b was not as expected:\nbody: text, not "other"/],
  [{ messageId: "b", body: { a: 1 } }, /body: text, not {"a":1}/],
  [
    { messageId: "a", times: 2, body: { total: 8 }, headers: { "x-kind": "B", "x-none": "" } },
    /body: {"total":7}, not {"total":8}\nx-kind: A, not B\nx-none: none, not \n/,
  ],
])("A delivery that is not as expected (%j) is told with what came", (wanted, words) => {
  expect(() => assertDelivered(orders, wanted)).toThrow(words);
});

test("Nothing delivered is told from something, and from one message", () => {
  assertNothingDelivered(nobody);
  assertNothingDelivered(orders, "later");

  expect(() => assertDelivered(nobody)).toThrow("https://nobody.example/ got:\n  nothing");
  expect(() => assertNothingDelivered(orders)).toThrow("Something was delivered");
  expect(() => assertNothingDelivered(orders, "a")).toThrow("a was delivered");
});

test("A status that is not as expected is told with the reason", async () => {
  expect(await assertStatus(mail, "a", "COMPLETED")).toMatchObject({ attempts: 2 });

  const asserting = assertStatus(mail, "later", "COMPLETED");
  await expect(asserting).rejects.toThrow(
    /^later is PENDING, not COMPLETED\. .*Next is attempt 1 of 10, in 23 h 59 min/,
  );
});

test("A signature is that of the sender", async () => {
  const [first] = assertDelivered(orders, { messageId: "b" });
  const other = await mail.addSender("other");

  await assertSigned(mail, first);

  await expect(assertSigned(other, first)).rejects.toThrow("wrong-signature");
  await expect(assertSigned(mail, { ...first, body: null })).rejects.toThrow("wrong-signature");
});
