/** What is read and written without ElectroDB: as the entity of it would, which other code and older versions use. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { ApiKey } from "../../domain/api-key.ts";
import type { Attempt } from "../../domain/attempt.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { apiKeyEntity } from "../../entities/described/api-key.ts";
import { attemptEntity } from "../../entities/described/attempt.ts";
import { payloadEntity } from "../../entities/described/payload.ts";
import { senderEntity } from "../../entities/described/sender.ts";
import { payloadFields, payloadStore } from "../../entities/payload.ts";
import { itemOf, plainOf } from "../../entities/raw-item.ts";
import { type Sender, senderStore } from "../../entities/sender.ts";
import { stored } from "../../entities/storage.ts";
import { aMessage } from "../support/messages.ts";

type Command = { readonly input: Readonly<Record<string, unknown>> };

/** A storage that answers each read with an item, and keeps what it is sent. */
const storageWith = (item?: object) => {
  const sent: Command[] = [];
  const send = async (command: Command) => {
    sent.push(command);
    return { Item: item };
  };
  return { storage: { client: { send } as never, table: "postrider-test" }, sent };
};
const { storage: nowhere } = storageWith();

const putBy = (params: unknown) => (params as { readonly Item: Record<string, unknown> }).Item;
const plainPut = ({ input }: Command) => plainOf(input["Item"] as never);

const id = fc.stringMatching(/^[A-Za-z0-9_.:-]{1,20}$/);
const messageId = fc.stringMatching(/^[\x21-\x7e]{1,20}$/);
const time = fc.integer({ min: 0, max: 9_999_999_999_999 });

const apiKeys: fc.Arbitrary<ApiKey> = fc.record(
  {
    ...{ hash: id, senderId: id, label: fc.string(), createdAt: time },
    scopes: fc.subarray(["messages:read", "messages:write"] as const),
    ...{ expiresAt: time, revokedAt: time },
  },
  { requiredKeys: ["hash", "scopes", "label", "createdAt"] },
);
const secret = fc.record(
  { sealed: fc.string(), createdAt: time, expiresAt: time },
  { requiredKeys: ["sealed", "createdAt"], noNullPrototype: true },
);
const senders: fc.Arbitrary<Sender> = fc.record(
  {
    ...{ senderId: id, createdAt: time, scheduleMs: fc.array(time), maxAttempts: time },
    ...{ timeoutMs: time, retentionDays: time, signingSecrets: fc.array(secret) },
  },
  { requiredKeys: ["senderId", "createdAt"] },
);
const timings = fc.record(
  { dnsMs: time, connectMs: time, tlsMs: time, firstByteMs: time },
  { requiredKeys: [], noNullPrototype: true },
);
const attempts: fc.Arbitrary<Attempt> = fc.record(
  {
    ...{ senderId: id, messageId, number: fc.integer({ min: 1, max: 999_999 }), submitId: id },
    ...{ startedAt: time, durationMs: time, timings, class: id, status: time },
    ...{ responseText: fc.string(), ttl: time },
  },
  {
    requiredKeys: [
      ...(["senderId", "messageId", "number", "submitId", "startedAt"] as const),
      ...(["durationMs", "class", "ttl"] as const),
    ],
  },
) as fc.Arbitrary<Attempt>;
const headers = fc.dictionary(fc.constantFrom("a", "constructor", "__proto__"), fc.string());
const contents = fc.record({ headers, body: fc.uint8Array() }, { requiredKeys: [] });

describe("Without ElectroDB", () => {
  test("a key is asked for, and read, as its entity does", async () => {
    await fc.assert(
      fc.asyncProperty(apiKeys, async (apiKey) => {
        const entity = apiKeyEntity(nowhere);
        const item = putBy(entity.put(apiKey as never).params());
        const { storage, sent } = storageWith(itemOf(item));

        expect(await apiKeyStore(storage).get(apiKey.hash)).toEqual(apiKey);
        const { Key } = entity.get({ hash: apiKey.hash }).params() as { readonly Key: object };
        expect(plainOf(sent[0]?.input["Key"] as never)).toEqual(Key);
        expect(entity.parse({ Item: item } as never).data).toEqual(apiKey);
      }),
    );
  });

  test("a sender is asked for, and read, as its entity does", async () => {
    await fc.assert(
      fc.asyncProperty(senders, async (sender) => {
        const entity = senderEntity(nowhere);
        const item = putBy(entity.put(sender as never).params());
        const { storage, sent } = storageWith(itemOf(item));

        expect(await senderStore(storage).get(sender.senderId)).toEqual(sender);
        const { Key } = entity.get({ senderId: sender.senderId }).params() as {
          readonly Key: object;
        };
        expect(plainOf(sent[0]?.input["Key"] as never)).toEqual(Key);
        expect(entity.parse({ Item: item } as never).data).toEqual(sender);
      }),
    );
  });

  test("the item of an attempt is the one that its entity would write", async () => {
    await fc.assert(
      fc.asyncProperty(attempts, async (attempt) => {
        const { storage, sent } = storageWith();

        await attemptStore(storage).record(attempt);

        const item = putBy(attemptEntity(nowhere).put(stored(attempt)).params());
        expect(sent.map(plainPut)).toEqual([plainOf(itemOf(item))]);
      }),
    );
  });

  test("the item of a payload is the one that its entity would write", async () => {
    await fc.assert(
      fc.asyncProperty(messageId, id, contents, async (of, fingerprint, payload) => {
        const message = aMessage({ messageId: of, fingerprint });
        const { storage, sent } = storageWith();

        await payloadStore(storage).put(message, payload);

        const { senderId, ttl } = message;
        const asked = stored({ senderId, messageId: of, fingerprint, body: payload.body, ttl });
        const item = putBy(payloadEntity(nowhere).put(asked).params());
        const withHeaders = { ...item, headers: payload.headers };
        expect(sent.map(plainPut)).toEqual([plainOf(itemOf(withHeaders))]);
      }),
    );
  });

  test("a payload is asked for, and read, as its entity does", async () => {
    await fc.assert(
      fc.asyncProperty(messageId, id, contents, async (of, fingerprint, payload) => {
        const message = aMessage({ messageId: of, fingerprint });
        const { storage, sent } = storageWith(itemOf(payloadFields(message, payload)));

        const found = await payloadStore(storage).get(message);

        expect(found).toEqual({ headers: undefined, body: undefined, ...payload });
        const { senderId } = message;
        const { Key } = payloadEntity(nowhere)
          .get(stored({ senderId, messageId: of, fingerprint }))
          .params() as { readonly Key: object };
        expect(plainOf(sent[0]?.input["Key"] as never)).toEqual(Key);
      }),
    );
  });

  test.each([
    ["of another entity", { __edb_e__: "attempt" }],
    ["of another version", { __edb_v__: "2" }],
  ])("an item %s is none", async (_, mark) => {
    const message = aMessage();
    const { storage } = storageWith(
      itemOf({ ...payloadFields(message, { body: new Uint8Array(1) }), ...mark }),
    );

    expect(await apiKeyStore(storage).get("hash")).toBeUndefined();
    expect(await senderStore(storage).get("shop")).toBeUndefined();
    expect(await payloadStore(storage).get(message)).toBeUndefined();
  });

  test("attributes that a newer version adds are left out", async () => {
    const sender = { senderId: "shop", createdAt: 1 };
    const item = putBy(senderEntity(nowhere).put(sender).params());
    const { storage } = storageWith(itemOf({ ...item, later: 1 }));

    expect(await senderStore(storage).get("shop")).toEqual(sender);
  });
});
