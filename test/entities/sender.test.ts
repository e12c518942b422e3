import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Sender, type SenderStore, senderStore } from "../../entities/sender.ts";
import { t0 } from "../support/messages.ts";
import { openTable, type TestTable } from "../support/table.ts";

let table: TestTable;
let senders: SenderStore;

beforeAll(async () => {
  table = await openTable();
  senders = senderStore(table.storage);
});
afterAll(() => table.close());

test("a sender comes back with its policy", async () => {
  const sender: Sender = {
    senderId: "shop",
    createdAt: t0,
    scheduleMs: [1000, 60_000],
    maxAttempts: 3,
    timeoutMs: 5000,
    retentionDays: 7,
  };

  await senders.create(sender);

  expect(await senders.get("shop")).toEqual(sender);
});

test("a sender that is there stays as it is", async () => {
  const sender = { senderId: "first", createdAt: t0 };
  await senders.create(sender);

  await senders.create({ ...sender, createdAt: t0 + 1, maxAttempts: 1 });

  expect(await senders.get("first")).toEqual(sender);
});

test("a sender that is not there is undefined", async () => {
  expect(await senders.get("nobody")).toBeUndefined();
});

test("senders are apart by the case of a letter", async () => {
  await senders.create({ senderId: "acme", createdAt: t0 });

  expect(await senders.get("Acme")).toBeUndefined();
});
