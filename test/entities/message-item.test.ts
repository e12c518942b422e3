import { expect, test } from "@jest/globals";
import { createConversions } from "electrodb";
import fc from "fast-check";
import type { Message } from "../../domain/message.ts";
import { messageEntity } from "../../entities/described/message.ts";
import {
  listPartition,
  listSortKey,
  messageFields,
  messageIn,
  messageItemKey,
  messageKeyIn,
  ownKeys,
} from "../../entities/message-item.ts";
import { itemOf, plainOf } from "../../entities/raw-item.ts";
import { stored } from "../../entities/storage.ts";
import { aMessage, anOutcome, t0, utf8 } from "../support/messages.ts";

const entity = messageEntity({ client: { send: () => {} } as never, table: "postrider-test" });

/** What ElectroDB puts for a message, with headers as they are stored. */
const putByElectro = (message: Message) => {
  const put = entity.put(stored(message) as never).params() as { Item: { headers?: unknown } };
  return plainOf(itemOf({ ...put.Item, headers: message.headers }));
};

const id = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,20}$/);
const time = fc.integer({ min: 0, max: 9_999_999_999_999 });
const messages = fc
  .record(
    {
      ...{ senderId: id, messageId: fc.stringMatching(/^[\x21-\x7e]{1,20}$/), createdAt: time },
      ...{ senderShard: fc.constantFrom("0", "12"), notBefore: time, dueShard: id, owner: id },
      headers: fc.dictionary(fc.constantFrom("a", "constructor", "__proto__"), fc.string()),
      body: fc.uint8Array(),
      scheduleMs: fc.array(fc.integer()),
      lastOutcome: fc.constant(anOutcome({ attempt: 2 })),
      ...{ redact: fc.constant("b"), payload: fc.boolean(), failedShard: id, failedAt: time },
    },
    { requiredKeys: ["senderId", "messageId", "createdAt", "senderShard"] },
  )
  .map((given) => aMessage(given));

test("the item of a message has the keys and attributes that its entity would write", () => {
  fc.assert(
    fc.property(messages, (message) => {
      expect(plainOf(itemOf(messageFields(message)))).toEqual(putByElectro(message));
    }),
  );
});

test("the item of an unlisted message has no key of the list", () => {
  const { bySenderPk, bySenderSk, ...rest } = messageFields(aMessage());

  const unlisted = messageFields(aMessage({ unlisted: true }));

  expect([bySenderPk, bySenderSk]).not.toContain(undefined);
  expect(unlisted).toMatchObject({ sk: rest["sk"] });
  expect(Object.keys(unlisted)).not.toContain("bySenderPk");
  expect(Object.keys(unlisted)).not.toContain("bySenderSk");
});

test("a message is found by the key of its item", () => {
  const message = aMessage({ messageId: "a#b%c" });

  const { pk, sk } = itemOf(messageFields(message));

  expect(messageItemKey(message)).toEqual({ pk, sk });
});

const conversions = createConversions(entity).byAccessPattern;

test("the keys of lists are those that the entity would write", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const { senderId, senderShard, createdAt } = message;

      const keys = conversions.bySender.fromComposite.toKeys(message as never);

      expect(keys).toMatchObject({
        bySenderPk: listPartition(senderId, senderShard),
        bySenderSk: listSortKey(createdAt),
      });
    }),
  );
});

test("the ids of a message are read from its key, as the entity reads them", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const { pk, sk, senderId, messageId } = messageFields(message);

      expect(messageKeyIn({ pk, sk })).toEqual({ senderId, messageId: message.messageId });
      const ids = conversions.primary.fromKeys.toComposite({ pk, sk } as never);
      expect(ids).toEqual({ senderId, messageId });
      expect(String(pk).startsWith(ownKeys(message.senderId).pkPrefix)).toBe(true);
      expect(sk).toBe(ownKeys(message.senderId).sk);
    }),
  );
});

test.each([
  ["of a payload", { sk: "$history#payload_1#fingerprint_abc" }],
  ["of another kind", { pk: "$postrider#senderId_shop#senderShard_1" }],
  ["with a third part", { pk: "$postrider#senderId_shop#messageId_a#x_1" }],
  ["with an id in another spelling", { pk: "$postrider#senderId_shop#messageId_%61" }],
  ["with an id that is not encoded", { pk: "$postrider#senderId_shop#messageId_a/b" }],
  ["without a sort key", { sk: undefined }],
  ["that is no text", { pk: 7 }],
])("a key %s has no ids of a message", (_, change) => {
  const { pk, sk } = messageFields(aMessage());

  expect(messageKeyIn({ pk, sk })).toBeDefined();
  expect(messageKeyIn({ pk, sk, ...change })).toBeUndefined();
});

test("a message is read from its item as it was, and as its entity reads it", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const item = itemOf(messageFields(message));

      expect(messageIn(item)).toEqual(message);
      const { data } = entity.parse({ Item: plainOf(item) } as never);
      expect(messageIn(item)).toEqual(data);
    }),
  );
});

test("attributes that a newer version adds are left out", () => {
  const item = itemOf({ ...messageFields(aMessage()), later: 1 });

  expect(messageIn(item)).not.toHaveProperty("later");
});

test.each([
  ["of another entity", { __edb_e__: "attempt" }],
  ["of another version", { __edb_v__: "2" }],
])("an item %s is no message", (_, mark) => {
  expect(messageIn(itemOf({ ...messageFields(aMessage()), ...mark }))).toBeUndefined();
});

test("a value of a type that no attribute has is refused", () => {
  expect(() => itemOf({ at: t0, body: utf8("a"), wrong: Symbol("x") })).toThrow(TypeError);
});
