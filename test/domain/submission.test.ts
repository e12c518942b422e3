import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { newMessage, type Submission, ttlOf } from "../../domain/submission.ts";
import {
  aSubmission,
  dayMs,
  graceMs,
  hourMs,
  minuteMs,
  policy,
  t0,
  utf8,
} from "../support/messages.ts";

const facts = { now: t0, graceMs, shards: 4, submitId: "submit-1", fingerprint: "print" };

/** Asks for everything that can be asked for. */
const full: Required<Submission> = {
  senderId: "shop",
  messageId: "order-7",
  timestamp: "2026-11-02T08:59:59Z",
  targetUrl: "https://example.com/hooks",
  method: "PUT",
  headers: { "X-A": "1", "X-B": "2" },
  body: utf8('{"a":1}'),
  bodyType: "json",
  deliverAt: t0 + hourMs,
  giveUpAt: t0 + dayMs,
  maxAttempts: 5,
  scheduleMs: [1000, 2000],
  timeoutMs: 5000,
  retentionDays: 7,
  redact: "hr",
  trace: Buffer.alloc(25, 1),
  tracestate: "a=1",
};

describe("a new message", () => {
  test("keeps what was asked, and asks no more than that", () => {
    const { maxAttempts: _, ...kept } = full;

    expect(newMessage(full, policy, facts)).toMatchObject(kept);
    expect(newMessage(full, policy, facts)).not.toHaveProperty("maxAttempts");
    expect(newMessage(aSubmission(), policy, facts).method).toBeUndefined();
    expect(newMessage(aSubmission(), policy, facts).scheduleMs).toBeUndefined();
  });

  test("keeps a schedule that is its sender's own, not the default one", () => {
    const own = { ...policy, scheduleMs: [1000], isScheduleOwn: true };

    expect(newMessage(aSubmission(), own, facts).scheduleMs).toEqual([1000]);
    expect(newMessage(aSubmission({ scheduleMs: [7] }), own, facts).scheduleMs).toEqual([7]);
    expect(newMessage(aSubmission(), policy, facts).scheduleMs).toBeUndefined();
  });

  test("is PENDING, has no attempt and was made now", () => {
    expect(newMessage(aSubmission(), policy, facts)).toMatchObject({
      status: "PENDING",
      attempts: 0,
      attemptsBefore: 0,
      replays: 0,
      submitId: "submit-1",
      createdAt: t0,
      updatedAt: t0,
      pendingAt: t0,
    });
  });

  test.each([
    ["at once", undefined, 0, graceMs],
    ["at a time that is past", -hourMs, 0, graceMs],
    ["in 900 seconds", 900_000, 900_000, 900_000 + graceMs],
    ["a millisecond later", 900_001, 900_001, 900_001 - 2 * minuteMs],
  ])("to be delivered %s is looked at in time", (_when, ahead, notBefore, dueAt) => {
    const asked = aSubmission({ deliverAt: ahead === undefined ? undefined : t0 + ahead });

    expect(newMessage(asked, policy, facts)).toMatchObject({
      notBefore: t0 + notBefore,
      dueAt: t0 + dueAt,
    });
  });

  test.each([
    ["three days from now", {}, t0 + 3 * dayMs],
    ["three days from its delivery", { deliverAt: t0 + dayMs }, t0 + 4 * dayMs],
    ["three days from now, if its delivery is past", { deliverAt: t0 - dayMs }, t0 + 3 * dayMs],
    ["as asked", { giveUpAt: t0 + hourMs, deliverAt: t0 + minuteMs }, t0 + hourMs],
  ])("is given up %s", (_when, asked, giveUpAt) => {
    expect(newMessage(aSubmission(asked), policy, facts).giveUpAt).toBe(giveUpAt);
  });

  test.each([
    ["what it asks for", { maxAttempts: 3, scheduleMs: [1, 2, 3, 4] }, 7, 3],
    ["one more than the waits it asks for", { scheduleMs: [1, 2, 3, 4] }, 7, 5],
    ["one, if it asks for no wait", { scheduleMs: [] }, 7, 1],
    ["what its sender says", {}, 7, 7],
    ["one more than the waits of its sender", {}, undefined, 10],
  ])("has as many attempts as %s", (_what, asked, maxAttempts, allowed) => {
    const message = newMessage(aSubmission(asked), { ...policy, maxAttempts }, facts);

    expect(message.attemptsAllowed).toBe(allowed);
  });

  test.each([
    ["its own before its sender's", { timeoutMs: 1000, retentionDays: 1 }, 1000, 1],
    ["its sender's if it has none", {}, 2000, 30],
  ])("has a timeout and a retention, %s", (_whose, asked, timeoutMs, retentionDays) => {
    const message = newMessage(aSubmission(asked), { ...policy, timeoutMs: 2000 }, facts);

    expect(message).toMatchObject({ timeoutMs, retentionDays });
  });

  test("is in the same shard of both indexes, one of those there are", () => {
    const { dueShard, senderShard } = newMessage(aSubmission(), policy, facts);

    expect(dueShard).toBe(senderShard);
    expect(["0", "1", "2", "3"]).toContain(senderShard);
  });
});

test("A message is marked only where no index of all messages is kept", () => {
  const marked = (listAll?: boolean) =>
    newMessage(aSubmission(), policy, { ...facts, ...(listAll !== undefined && { listAll }) });

  expect(marked(false)).toMatchObject({ unlisted: true, senderShard: marked().senderShard });
  expect(marked(true)).not.toHaveProperty("unlisted");
  expect(marked()).not.toHaveProperty("unlisted");
});

describe("the ttl", () => {
  test.each([
    ["the retention", 30, t0 + 3 * dayMs, t0 + 30 * dayMs],
    ["a day past the last moment", 1, t0 + 3 * dayMs, t0 + 4 * dayMs],
    ["either, where they are equal", 4, t0 + 3 * dayMs, t0 + 4 * dayMs],
  ])("is %s", (_what, retentionDays, giveUpAt, at) => {
    expect(ttlOf(t0, retentionDays, giveUpAt)).toBe(at / 1000);
  });

  test("is in whole seconds, never early", () => {
    expect(ttlOf(t0 + 1, 30, t0)).toBe(t0 / 1000 + 30 * 86_400 + 1);
  });

  test("is past the last moment by a day at least, so that nothing expires alive", () => {
    const ms = fc.integer({ min: 0, max: 60 * dayMs });

    fc.assert(
      fc.property(ms, fc.integer({ min: 1, max: 365 }), ms, (offset, retentionDays, giveUp) => {
        const ttl = ttlOf(t0 + offset, retentionDays, t0 + giveUp);

        expect(ttl * 1000).toBeGreaterThanOrEqual(t0 + giveUp + dayMs);
        expect(ttl * 1000).toBeGreaterThanOrEqual(t0 + offset + retentionDays * dayMs);
      }),
    );
  });
});
