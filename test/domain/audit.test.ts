import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { auditRules, judgeStored, type RuleId } from "../../domain/audit.ts";
import { isAsGiven } from "../../domain/audit-fingerprint.ts";
import type { AuditFacts, StoredHistory } from "../../domain/audit-rule.ts";
import { spanText, timeText } from "../../domain/audit-rule.ts";
import { fingerprintApart, fingerprintOf } from "../../domain/fingerprint.ts";
import type { Message } from "../../domain/message.ts";
import { newMessage, type Submission, ttlOf } from "../../domain/submission.ts";
import {
  aMac,
  aMessage,
  anOutcome,
  aSubmission,
  dayMs,
  graceMs,
  hourMs,
  minuteMs,
  policy,
  secondMs,
  t0,
  utf8,
} from "../support/messages.ts";

const facts: AuditFacts = {
  ...{ now: t0, shards: 8, graceMs, clockMarginMs: minuteMs, lateMs: 10 * minuteMs },
  contentOf: (_, { headers, body }) => ({ kind: "read", headers, body }),
};

const historyOf = (message: Message, more: Partial<StoredHistory> = {}): StoredHistory => ({
  key: { senderId: message.senderId, messageId: message.messageId },
  message: { fields: message, isUnderItsKey: true, isListed: true },
  ...{ attempts: [], payloads: [], strangers: 0, ...more },
});
const rulesOf = (message: Message, more: Partial<AuditFacts> = {}): readonly string[] =>
  judgeStored(historyOf(message), { ...facts, ...more }).findings.map(({ rule }) => rule);

const held = { status: "PROCESSING", attempts: 1, owner: "o", processingAt: t0 } as const;
const over = { ...held, leaseUntil: t0 - minuteMs - 2 };
const ended = { dueAt: undefined, dueShard: undefined, notBefore: undefined } as const;
const completed = (status: number): Partial<Message> => ({
  ...{ ...ended, status: "COMPLETED", attempts: 1, completedAt: t0 },
  lastOutcome: anOutcome({ class: "accepted", status }),
});
const giveUpAt = aMessage().giveUpAt;
const retention = ttlOf(t0, policy.retentionDays, giveUpAt);

/** The last value that is right, and the first that is not. */
const bounds: readonly (readonly [RuleId, string, Partial<Message>, Partial<Message>, number?])[] =
  [
    ["unread-shard", "the last shard", { dueShard: "7" }, { dueShard: "8" }],
    ["unread-shard", "how a shard is written", { dueShard: "0" }, { dueShard: "00" }],
    [
      "check-too-late",
      "six hours, the grace and the margin",
      { dueAt: t0 + 6 * hourMs + graceMs + minuteMs },
      { dueAt: t0 + 6 * hourMs + graceMs + minuteMs + 1 },
    ],
    [
      "check-too-late",
      "the same after a far start",
      { notBefore: t0 + dayMs, dueAt: t0 + dayMs + 6 * hourMs + graceMs + minuteMs },
      { notBefore: t0 + dayMs, dueAt: t0 + dayMs + 6 * hourMs + graceMs + minuteMs + 1 },
    ],
    [
      "lease-too-long",
      "an hour and the margin",
      { ...held, leaseUntil: t0 + hourMs + minuteMs },
      { ...held, leaseUntil: t0 + hourMs + minuteMs + 1 },
    ],
    [
      "holder-gone",
      "the end of the lease, the margin and the grace",
      { ...over, dueAt: t0 + graceMs - 1 },
      { ...over, dueAt: t0 + graceMs },
    ],
    ["overdue", "so late", { dueAt: t0 - 10 * minuteMs }, { dueAt: t0 - 10 * minuteMs - 1 }],
    [
      "past-give-up",
      "the longest look, and so late",
      {},
      { updatedAt: t0 },
      giveUpAt + 6 * hourMs + 10 * minuteMs,
    ],
    ["starts-too-late", "the last moment", { notBefore: giveUpAt }, { notBefore: giveUpAt + 1 }],
    ["too-many-attempts", "what is allowed", { attempts: 10 }, { attempts: 11 }],
    ["none-left", "one left", { attempts: 9 }, { attempts: 10 }],
    ["unearned", "the first 2xx", completed(200), completed(199)],
    ["unearned", "the last 2xx", completed(299), completed(300)],
    ["expires-early", "the retention", { ttl: retention }, { ttl: retention - 1 }],
    [
      "expires-late",
      "the retention and the margin",
      { ttl: retention + 60 },
      { ttl: retention + 61 },
    ],
    [
      "expires-late",
      "the same of a message that another clock has changed",
      { ttl: retention + 60, updatedAt: t0 - 4000 },
      { ttl: retention + 61, updatedAt: t0 - 4000 },
    ],
    ["ttl-in-ms", "the largest in seconds", { ttl: 1e11 - 1 }, { ttl: 1e11 }],
  ];

describe("What is judged by a number is judged to the last of it:", () => {
  const rows = bounds.map(
    ([rule, what, right, wrong, at]) => [rule, what, right, wrong, at] as const,
  );
  test.each(rows)("%s: %s", (rule, _, right, wrong, at) => {
    const settled = (attempts = 0): Partial<Message> =>
      attempts > 0 ? { lastOutcome: anOutcome({ attempt: attempts }) } : {};
    const messageWith = (given: Partial<Message>) =>
      aMessage({ ...(given.status ? {} : settled(given.attempts)), ...given });
    const due = at === undefined ? {} : { dueAt: at };

    expect(rulesOf(messageWith({ ...due, ...right }), { now: at ?? t0 })).not.toContain(rule);
    expect(
      rulesOf(messageWith({ ...due, ...wrong }), { now: at === undefined ? t0 : at + 1 }),
    ).toEqual([rule]);
  });

  test("alive-past-ttl: the second that it ends with", () => {
    const message = aMessage({ dueAt: retention * 1000 });

    expect(rulesOf(message, { now: retention * 1000 - 1 })).not.toContain("alive-past-ttl");
    expect(rulesOf(message, { now: retention * 1000 })).toEqual(["alive-past-ttl"]);
  });

  test("message-missing: the ttl of the attempts that are left", () => {
    const left = { fields: { ttl: t0 / secondMs }, isUnderItsKey: true };
    const history = { ...historyOf(aMessage(), { attempts: [left] }), message: undefined };
    const findings = (now: number) =>
      judgeStored(history as StoredHistory, { ...facts, now }).findings.map(({ rule }) => rule);

    expect(findings(t0)).toEqual([]);
    expect(findings(t0 - 1)).toEqual(["message-missing"]);
  });

  test("part-expires-early: the ttl of the message", () => {
    const message = aMessage({ attempts: 1, lastOutcome: anOutcome() });
    const attempt = (ttl: number) => ({
      attempts: [{ fields: { number: 1, submitId: message.submitId, ttl }, isUnderItsKey: true }],
    });
    const findings = (ttl: number) =>
      judgeStored(historyOf(message, attempt(ttl)), facts).findings.map(({ rule }) => rule);

    expect(findings(message.ttl)).toEqual([]);
    expect(findings(message.ttl - 1)).toEqual(["part-expires-early"]);
  });

  test("attempt-unclaimed: the attempts that were claimed, and none before the first", () => {
    const message = aMessage({ attempts: 1, lastOutcome: anOutcome() });
    const findings = (number: number) =>
      judgeStored(
        historyOf(message, {
          attempts: [
            { fields: { number, submitId: "submit-1", ttl: message.ttl }, isUnderItsKey: true },
          ],
        }),
        facts,
      ).findings.map(({ rule }) => rule);

    expect(findings(1)).toEqual([]);
    expect(findings(2)).toEqual(["attempt-unclaimed"]);
    expect(findings(0)).toEqual(["attempt-unclaimed"]);
  });
});

describe("Attempts of a predecessor under the same id", () => {
  test("are not held against the message", () => {
    const fields = { number: 9, submitId: "another", ttl: 1 };
    const history = historyOf(aMessage(), { attempts: [{ fields, isUnderItsKey: true }] });

    expect(judgeStored(history, facts).findings).toEqual([]);
  });
});

const submissions = fc.record(
  {
    method: fc.constantFrom("POST", "PUT", "GET"),
    headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 9 })),
    body: fc.uint8Array({ maxLength: 40 }),
    bodyType: fc.constantFrom("json" as const, "text" as const, "bytes" as const),
    deliverAt: fc.integer({ min: t0, max: t0 + dayMs }),
    giveUpAt: fc.integer({ min: t0 + 2 * dayMs, max: t0 + 9 * dayMs }),
    maxAttempts: fc.integer({ min: 1, max: 50 }),
    scheduleMs: fc.array(fc.integer({ min: 0, max: dayMs }), { maxLength: 5 }),
    timeoutMs: fc.integer({ min: 100, max: 30_000 }),
    retentionDays: fc.integer({ min: 1, max: 365 }),
  },
  { requiredKeys: [] },
);
const policies = fc.record({
  scheduleMs: fc.constant([1000, 2000]),
  isScheduleOwn: fc.boolean(),
  retentionDays: fc.constantFrom(5, 30),
  timeoutMs: fc.constantFrom(undefined, 9000),
  maxAttempts: fc.constantFrom(undefined, 3),
});
const madeFrom = (asked: Partial<Submission>, given = policy): Message =>
  newMessage(aSubmission(asked), given, {
    ...{ now: t0, graceMs, shards: 8, submitId: "s-1" },
    fingerprint: fingerprintOf(aSubmission(asked), aMac),
  });

describe("Whether a message is as it was given", () => {
  test("holds for whatever was asked, by whatever defaults", () => {
    fc.assert(
      fc.property(submissions, policies, (asked, given) => {
        expect(isAsGiven(madeFrom(asked as Partial<Submission>, given), aMac)).toBe(true);
      }),
    );
  });

  const changes: readonly (readonly [keyof Message, Partial<Message>])[] = [
    ["targetUrl", { targetUrl: "https://other.example/" }],
    ["method", { method: "DELETE" }],
    ["headers", { headers: { other: "1" } }],
    ["body", { body: utf8("another body, longer than any") }],
    ["deliverAt", { deliverAt: t0 - 1 }],
    ["messageId", { messageId: "another" }],
    ["senderId", { senderId: "another" }],
  ];
  test.each(changes)("does not after a change of its %s", (_, change) => {
    fc.assert(
      fc.property(submissions, policies, (asked, given) => {
        const message = { ...madeFrom(asked as Partial<Submission>, given), ...change };

        expect(isAsGiven(message, aMac)).toBe(false);
      }),
    );
  });

  test("cannot be told without the key of its fingerprint, where it has one", () => {
    const headers = { authorization: "Bearer 1" };
    const message = madeFrom({ headers });

    expect(isAsGiven(message, aMac)).toBe(true);
    expect(isAsGiven(message)).toBeUndefined();
    expect(isAsGiven({ ...message, headers: { authorization: "Bearer 2" } }, aMac)).toBe(false);
    expect(isAsGiven(madeFrom({}))).toBe(true);
  });

  test("is told to the byte of a body that is stored apart, and by its value of another", () => {
    const asked = { body: utf8('{"a": 10.0}'), bodyType: "json" } as const;
    const inline = madeFrom(asked);
    const apart = {
      ...inline,
      payload: true,
      fingerprint: fingerprintApart(inline.fingerprint, asked),
    };
    const rewritten = { body: utf8('{"a":10}') };

    expect([isAsGiven(inline), isAsGiven(apart)]).toEqual([true, true]);
    expect([isAsGiven({ ...inline, ...rewritten }), isAsGiven({ ...apart, ...rewritten })]).toEqual(
      [...[true, false]],
    );
    expect(isAsGiven({ ...inline, body: utf8('{"a":11}') })).toBe(false);
  });

  test("cannot be told after a replay, which has moved the last moment that was asked for", () => {
    const asked = madeFrom({ giveUpAt: t0 + dayMs });
    const replayed = { ...asked, replays: 1, giveUpAt: t0 + 5 * dayMs };

    expect(isAsGiven(replayed, aMac)).toBeUndefined();
    expect(judgeStored(historyOf({ ...replayed, ttl: retention }), facts)).toMatchObject({
      ...{ findings: [], isUnchecked: true },
    });
    expect(isAsGiven({ ...madeFrom({}), replays: 1, giveUpAt: t0 + 5 * dayMs })).toBe(true);
  });
});

describe("The rules", () => {
  test("have ids of their own, and are explained only by rules that stand before them", () => {
    const ids = auditRules.map(({ id }) => id as string);

    expect(new Set(ids).size).toBe(ids.length);
    for (const [index, rule] of auditRules.entries())
      for (const other of ("unless" in rule ? rule.unless : []) as readonly string[])
        expect(ids.slice(0, index)).toContain(other);
  });
});

test("Times and spans are for people to read", () => {
  expect([timeText(t0), timeText(undefined), timeText(1e18)]).toEqual([
    ...["2026-11-02T09:00:00.000Z", "never", "1000000000000000000"],
  ]);
  expect([secondMs, 90 * minuteMs, 12 * minuteMs, 3 * dayMs].map(spanText)).toEqual([
    ...["1 s", "2 h", "12 min", "3 d"],
  ]);
});
