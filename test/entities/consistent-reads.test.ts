import { expect, test } from "@jest/globals";
import { apiKeyStore } from "../../entities/api-key.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { historyReader } from "../../entities/history.ts";
import { keyEntryStore } from "../../entities/key-entry.ts";
import { messageStore } from "../../entities/message.ts";
import { messageListStore } from "../../entities/message-list.ts";
import { payloadStore } from "../../entities/payload.ts";
import { senderStore } from "../../entities/sender.ts";
import { senderChangeStore } from "../../entities/sender-change.ts";
import { senderEntryStore } from "../../entities/sender-entry.ts";
import type { Storage } from "../../entities/storage.ts";
import { storedItems } from "../../entities/stored.ts";
import { aMessage, t0 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();

/** What is asked of the table while something is done. */
const askedBy = async (act: (storage: Storage) => Promise<unknown>): Promise<readonly object[]> => {
  const asked: object[] = [];
  const storage = table.through({});
  storage.client.middlewareStack.add(
    (next) => (args) => {
      asked.push(args.input as object);
      return next(args);
    },
    { step: "initialize", name: "asked" },
  );
  await act(storage);
  return asked;
};

const message = aMessage();

// The embedded engine's reads are all consistent, so that nothing else here would notice. A read
// that is not may miss what the same caller has just written.
test.each<[string, (storage: Storage) => Promise<unknown>]>([
  ["a message", (storage) => messageStore(storage).get(message, t0)],
  [
    "a message that refused a claim",
    (storage) =>
      messageStore(storage).claim(message, {
        ...{ now: t0, seen: message, notAfter: { notBefore: t0, dueAt: t0 } },
        set: { owner: "owner-1", leaseUntil: t0 },
      }),
  ],
  [
    "what is due",
    async (storage) => {
      const dueShard = "read";
      await messageStore(table.storage).submit(aMessage({ messageId: "due", dueShard, dueAt: t0 }));
      return messageStore(storage).due({ dueShard, now: t0, limit: 9, cursor: null });
    },
  ],
  [
    "an item that refused its quarantine",
    (storage) => {
      const raw = { pk: { S: "none" }, sk: { S: "none" } };
      const item = { raw, fields: {}, ids: undefined, message: undefined };
      return messageStore(storage).quarantine(item, { now: t0, dueAt: t0 });
    },
  ],
  [
    "the messages of a list",
    (storage) => messageListStore(storage).read([{ at: t0, shard: 0, pk: "none", sk: "none" }]),
  ],
  ["what is audited once more", (storage) => storedItems(storage).again(message)],
  ["a payload", (storage) => payloadStore(storage).get(message)],
  ["attempts", (storage) => attemptStore(storage).of(message)],
  ["a history", (storage) => historyReader(storage)(message)],
  ["a sender", (storage) => senderStore(storage).get("shop")],
  ["a key", (storage) => apiKeyStore(storage).get("hash")],
  ["the list of senders", (storage) => senderEntryStore(storage).page(null, 1)],
  ["the list of a sender's keys", (storage) => keyEntryStore(storage).page("shop", null, 1)],
  [
    "what was done to a sender",
    (storage) => senderChangeStore(storage).page("shop", { after: null, limit: 1 }, t0),
  ],
  ["a key in that list", (storage) => keyEntryStore(storage).hashOf("shop", "key-id")],
])("The read of %s is consistent", async (_what, read) => {
  const asked = await askedBy(read);
  // An index cannot be read consistently: what it says is a hint.
  const reads = asked.filter((input) => !("UpdateExpression" in input || "IndexName" in input));

  expect(reads.length).toBeGreaterThan(0);
  for (const input of reads) expect(JSON.stringify(input)).toContain('"ConsistentRead":true');
});
