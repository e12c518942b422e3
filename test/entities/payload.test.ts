import { beforeAll, expect, test } from "@jest/globals";
import { type PayloadStore, payloadStore } from "../../entities/payload.ts";
import { aMessage, aMessageId, utf8 } from "../support/messages.ts";
import { useTable } from "../support/table.ts";

const table = useTable();
let payloads: PayloadStore;

beforeAll(() => {
  payloads = payloadStore(table.storage);
});

const headers = { "X-Trace": "Ab c" };
const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);

const ttlsOf = async (messageId: string) =>
  (await table.scan()).filter((item) => item["messageId"] === messageId).map(({ ttl }) => ttl);

test("headers and body come back as they were given, to the byte", async () => {
  const message = aMessage({ messageId: aMessageId() });

  await payloads.put(message, { headers, body });

  expect(await payloads.get(message)).toEqual({ headers, body });
});

test("those of messages with look-alike ids of other systems are kept apart", async () => {
  const ids = ["a/b", "a%2Fb", "a%252Fb", "#", "%23", "a#fingerprint_b"];
  for (const messageId of ids)
    await payloads.put(aMessage({ messageId }), { body: utf8(messageId) });

  for (const messageId of ids)
    expect((await payloads.get(aMessage({ messageId })))?.body).toEqual(utf8(messageId));
});

test("a body of 256 KiB comes back whole", async () => {
  const message = aMessage({ messageId: aMessageId() });
  const large = new Uint8Array(256 * 1024).fill(7);

  await payloads.put(message, { body: large });

  expect(await payloads.get(message)).toEqual({ headers: undefined, body: large });
});

test("what is there is not overwritten under the same fingerprint", async () => {
  const message = aMessage({ messageId: aMessageId() });
  await payloads.put(message, { body });

  await payloads.put(message, { body: utf8("other") });

  expect((await payloads.get(message))?.body).toEqual(body);
});

test("its ttl moves on, and never comes nearer", async () => {
  const message = aMessage({ messageId: aMessageId(), ttl: 2_000_000_000 });
  await payloads.put(message, { body });

  await payloads.put({ ...message, ttl: 1_999_999_999 }, { body });
  expect(await ttlsOf(message.messageId)).toEqual([2_000_000_000]);

  await payloads.put({ ...message, ttl: 2_000_000_001 }, { body });
  expect(await ttlsOf(message.messageId)).toEqual([2_000_000_001]);
  expect((await payloads.get(message))?.body).toEqual(body);
});

test("another fingerprint is another payload of the same message", async () => {
  const message = aMessage({ messageId: aMessageId(), fingerprint: "one" });
  const conflicting = { ...message, fingerprint: "other" };

  await payloads.put(message, { body });
  await payloads.put(conflicting, { body: utf8("other") });

  expect((await payloads.get(message))?.body).toEqual(body);
  expect((await payloads.get(conflicting))?.body).toEqual(utf8("other"));
});

test("a payload that is not there is undefined", async () => {
  expect(await payloads.get(aMessage({ messageId: aMessageId() }))).toBeUndefined();
});
