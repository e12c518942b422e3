import { beforeAll, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fingerprintOf } from "../../domain/fingerprint.ts";
import { newMessage, type Submission } from "../../domain/submission.ts";
import { messageEntity } from "../../entities/described/message.ts";
import { type MessageStore, messageStore } from "../../entities/message.ts";
import { stored } from "../../entities/storage.ts";
import { actorsOn } from "../support/actors.ts";
import {
  aMac,
  aMessage,
  aMessageId,
  aSubmission,
  graceMs,
  leaseMs,
  policy,
  secondMs,
  t0,
} from "../support/messages.ts";
import { attributesOf, useTable } from "../support/table.ts";

const table = useTable();
let messages: MessageStore;
let actors: ReturnType<typeof actorsOn>;

beforeAll(() => {
  messages = messageStore(table.storage);
  actors = actorsOn(messages);
});

describe("submit", () => {
  const facts = (asked: Submission) => ({
    ...{ now: t0, graceMs, shards: 4, submitId: "submit-1" },
    fingerprint: fingerprintOf(asked, aMac),
  });

  test("stores exactly what was asked, to the byte and to the case of a letter", async () => {
    const asked = aSubmission({
      messageId: aMessageId(),
      method: "PATCH",
      headers: { "X-Trace": "Ab c", "content-TYPE": "application/x-thing" },
      body: Uint8Array.from({ length: 256 }, (_, byte) => byte),
      bodyType: "bytes",
    });

    await messages.submit(newMessage(asked, policy, facts(asked)));

    expect(await table.item(asked)).toMatchObject(asked);
    expect(await messages.get(asked, t0)).toMatchObject(asked);
  });

  test("stores a message that is PENDING, without an attempt, until its ttl", async () => {
    const asked = aSubmission({ messageId: aMessageId() });

    await messages.submit(newMessage(asked, policy, facts(asked)));

    const item = attributesOf((await table.item(asked)) ?? {});
    expect(item).toEqual({
      ...asked,
      retentionDays: 30,
      fingerprint: fingerprintOf(asked, aMac),
      status: "PENDING",
      attempts: 0,
      attemptsAllowed: 10,
      attemptsBefore: 0,
      replays: 0,
      notBefore: t0,
      dueAt: t0 + graceMs,
      dueShard: item["senderShard"],
      senderShard: expect.stringMatching(/^[0-3]$/),
      giveUpAt: t0 + 3 * 86_400_000,
      submitId: "submit-1",
      createdAt: t0,
      updatedAt: t0,
      pendingAt: t0,
      ttl: t0 / 1000 + 30 * 86_400,
    });
  });

  test("takes a body that is empty for one, not for none", async () => {
    const asked = aSubmission({ messageId: aMessageId(), body: new Uint8Array() });

    await messages.submit(newMessage(asked, policy, facts(asked)));

    expect((await messages.get(asked, t0))?.body).toEqual(new Uint8Array());
  });

  test("concurrent submits of one id store one message, and all learn which", async () => {
    const messageId = aMessageId();
    const rivals = Array.from({ length: 50 }, (_, n) =>
      aMessage({ messageId, submitId: `s-${n}` }),
    );

    const submitted = await Promise.all(rivals.map((rival) => messages.submit(rival)));

    const stored = submitted.filter(({ kind }) => kind === "stored");
    const ids = submitted.map(
      (one) => (one.kind === "stored" ? one.message : one.current).submitId,
    );
    expect(stored).toHaveLength(1);
    expect(new Set(ids).size).toBe(1);
  });
});

describe("a race of 200", () => {
  const rivals = Array.from({ length: 200 }, (_, n) => n);

  test("concurrent claims of one attempt have one winner", async () => {
    const message = await actors.submit();

    const claims = await Promise.all(
      rivals.map((n) =>
        messages.claim(message, {
          now: t0,
          seen: message,
          notAfter: { notBefore: t0, dueAt: t0 + leaseMs },
          set: { owner: `worker-${n}`, leaseUntil: t0 + leaseMs },
        }),
      ),
    );

    const winners = rivals.filter((n) => claims[n]?.kind === "done");
    expect(winners).toHaveLength(1);
    expect(await messages.get(message, t0)).toMatchObject({
      owner: `worker-${winners[0]}`,
      attempts: 1,
    });
  });

  test("concurrent enqueues of one attempt have one winner", async () => {
    const message = await actors.submit();

    const enqueues = await Promise.all(rivals.map((n) => actors.enqueue(message, t0 + n)));

    const winners = rivals.filter((n) => enqueues[n]?.kind === "done");
    expect(winners).toHaveLength(1);
    expect(await messages.get(message, t0)).toMatchObject({ queuedAt: t0 + Number(winners[0]) });
  });
});

describe("reading", () => {
  const expiring = { ttl: t0 / 1000 + 60 };
  const expiresAt = t0 + 60 * secondMs;

  test("finds a message until its ttl, and not from then on", async () => {
    const message = await actors.submit(expiring);

    expect(await messages.get(message, expiresAt - 1)).toEqual(message);
    expect(await messages.get(message, expiresAt)).toBeUndefined();
  });

  test("finds nothing where nothing is", async () => {
    expect(await messages.get({ senderId: "shop", messageId: "none" }, t0)).toBeUndefined();
  });
});

describe("ids", () => {
  const keyOf = ({ senderId, messageId }: { senderId: string; messageId: string }) => {
    const params = messageEntity(table.storage).get(stored({ senderId, messageId })).params();
    return JSON.stringify((params as { Key: unknown }).Key);
  };
  const words = ["__proto__", "constructor", "messageid_x", "senderid_x", "a", "A", ":", ".", "-"];
  const odd = ["#", "%", "%23", "%2523", "a#messageid_b", "a/b", "a%2Fb", "~a", "#senderid_a#"];
  const senderIds = fc.oneof(
    fc.constantFrom(...words),
    fc.stringMatching(/^[A-Za-z0-9_.:-]{1,8}$/),
    fc.stringMatching(/^[A-Za-z0-9_.:-]{128}$/),
  );
  const messageIds = fc.oneof(
    senderIds,
    fc.constantFrom(...odd),
    fc.stringMatching(/^[\x21-\x7e]{1,8}$/),
    fc.stringMatching(/^[#%235F]{1,6}$/),
  );
  const pairs = fc.record({ senderId: senderIds, messageId: messageIds });

  test("make one key for one pair, and another for another", () => {
    fc.assert(
      fc.property(pairs, pairs, (one, other) => {
        const isSame = one.senderId === other.senderId && one.messageId === other.messageId;
        expect(keyOf(one) === keyOf(other)).toBe(isSame);
      }),
    );
  });

  test("make another key for every cut of one text in two", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_.:-]{2,12}$/), (text) => {
        const cuts = Array.from({ length: text.length - 1 }, (_, at) =>
          keyOf({ senderId: text.slice(0, at + 1), messageId: text.slice(at + 1) }),
        );
        expect(new Set(cuts).size).toBe(cuts.length);
      }),
    );
  });

  test("similar ids belong to different messages", async () => {
    const alike = [
      ...["Abc", "abc", "ABC", "abc.", "abc:", "ab", "__proto__", "constructor", ":", "."].map(
        (messageId) => ({ senderId: "alike", messageId }),
      ),
      ...odd.map((messageId) => ({ senderId: "alike", messageId })),
      { senderId: "alikea", messageId: "bc" },
      { senderId: "Alike", messageId: "abc" },
      { senderId: "__proto__", messageId: "__proto__" },
    ];

    for (const [n, key] of alike.entries()) await actors.submit({ ...key, targetUrl: `to:${n}` });

    for (const [n, key] of alike.entries())
      expect(await messages.get(key, t0)).toMatchObject({ ...key, targetUrl: `to:${n}` });
  });

  test("come back whole from the due index", async () => {
    const keys = [...words, ...odd].map((word, n) => ({
      senderId: words[n] ?? "odd",
      messageId: `${word}.due`,
    }));
    for (const key of keys) await actors.submit({ ...key, dueShard: "ids" });

    const page = await messages.due({
      dueShard: "ids",
      now: t0 + graceMs,
      limit: 100,
      cursor: null,
    });

    const found = page.items.map(({ ids }) => ids);
    expect(found).toHaveLength(keys.length);
    expect(found).toEqual(expect.arrayContaining(keys));
  });
});
