import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { failReasons, type Message, type Status, statuses } from "../../domain/message.ts";
import { noAnswerClasses } from "../../domain/outcome.ts";
import { whyOf } from "../../domain/why.ts";
import {
  aMessage,
  anOutcome,
  clockMarginMs,
  hourMs,
  leaseMs,
  minuteMs,
  secondMs,
  t0,
} from "../support/messages.ts";

const now = t0 + hourMs;
const explained = (overrides: Partial<Message>, at = now) =>
  whyOf(aMessage({ attemptsAllowed: 10, ...overrides }), { now: at, clockMarginMs });
const said = (overrides: Partial<Message>) => {
  const { why, next } = explained(overrides);
  return `${why} ${next}`;
};

const ended = { notBefore: undefined, dueAt: undefined, dueShard: undefined } as const;
const got503 = anOutcome({ attempt: 3, status: 503, at: now - 40 * secondMs });
const held = {
  status: "PROCESSING",
  attempts: 2,
  leaseUntil: now + leaseMs,
} as const satisfies Partial<Message>;

describe("A message is explained", () => {
  test.each<[string, Partial<Message>, string]>([
    [
      "whose retry waits",
      { status: "QUEUED", attempts: 3, lastOutcome: got503, notBefore: now + 80 * secondMs },
      "Attempt 3 of 10 got 503 from example.com 40 s ago. Next is attempt 4 of 10, in 1 min 20 s.",
    ],
    [
      "that was just submitted",
      { createdAt: now - 2 * secondMs, notBefore: now - 2 * secondMs },
      "The message was submitted 2 s ago, and no attempt has been made yet. Next is attempt 1 of 10, now: its record is about to be put on the queue.",
    ],
    [
      "that is on the queue",
      { status: "QUEUED", createdAt: now - 2 * secondMs, notBefore: now - 2 * secondMs },
      "The message was submitted 2 s ago, and no attempt has been made yet. Next is attempt 1 of 10, now: its record is on the queue, and the next free worker takes it.",
    ],
    [
      "that is scheduled",
      { deliverAt: now + 50 * hourMs, notBefore: now + 50 * hourMs },
      "The message was submitted 1 h ago, to be delivered later. Next is attempt 1 of 10, in 2 d 2 h.",
    ],
    [
      "that was replayed",
      { attempts: 10, attemptsBefore: 10, attemptsAllowed: 20, replays: 2, pendingAt: now - 5000 },
      "The message was replayed 5 s ago; this is replay 2. Next is attempt 11 of 20, now: its record is about to be put on the queue.",
    ],
    [
      "whose worker was lost before",
      {
        attempts: 1,
        lastOutcome: anOutcome({ class: "unknown", status: undefined, at: now - minuteMs }),
        notBefore: now + 5000,
      },
      "Attempt 1 of 10 failed 1 min ago: its worker was lost, and whether example.com got the request is unknown. Next is attempt 2 of 10, in 5 s.",
    ],
    [
      "that waits past its giveUpAt",
      { giveUpAt: now - 1, notBefore: now - minuteMs },
      "The message was submitted 1 h ago, and no attempt has been made yet. No request is made any more, because giveUpAt comes before attempt 1 of 10: the message will be FAILED.",
    ],
    [
      "in quarantine",
      { quarantinedAt: now },
      "The message is damaged, or a newer version stored it: it is in quarantine until an operator repairs it. Next is attempt 1 of 10, now: its record is about to be put on the queue.",
    ],
    [
      "whose attempt is being made",
      held,
      "Attempt 2 of 10 is being made. If it is not accepted, the next attempt follows after a wait. It is over in 1 min 10 s at the latest.",
    ],
    [
      "whose last attempt is being made",
      { ...held, attemptsAllowed: 2 },
      "Attempt 2 of 2 is being made. If it is not accepted, no other attempt follows, because none is left. It is over in 1 min 10 s at the latest.",
    ],
    [
      "that is to be cancelled",
      { ...held, cancelRequestedAt: now },
      "Attempt 2 of 10 is being made. If it is not accepted, no other attempt follows, because its sender asked to cancel. It is over in 1 min 10 s at the latest.",
    ],
    [
      "whose worker was lost",
      { ...held, leaseUntil: now - hourMs },
      "The worker that made attempt 2 of 10 was lost, and whether example.com got the request is unknown. The dispatcher releases the message, which then waits for its next attempt.",
    ],
    [
      "whose worker was lost, and whose giveUpAt is near",
      { ...held, leaseUntil: now - hourMs, giveUpAt: now + hourMs },
      "The worker that made attempt 2 of 10 was lost, and whether example.com got the request is unknown. The dispatcher releases the message, which then waits for its next attempt, unless that would begin after giveUpAt.",
    ],
    [
      "whose worker was lost, and that is to be cancelled",
      { ...held, leaseUntil: now - hourMs, cancelRequestedAt: now },
      "The worker that made attempt 2 of 10 was lost, and whether example.com got the request is unknown. The dispatcher releases the message, which then is CANCELLED.",
    ],
    [
      "that was delivered",
      {
        ...ended,
        status: "COMPLETED",
        attempts: 3,
        lastOutcome: anOutcome({ attempt: 3, class: "accepted", status: 204, at: now }),
      },
      "Attempt 3 of 10 got 204 from example.com less than 1 s ago. Nothing: the message has ended.",
    ],
    [
      "without an attempt left",
      {
        ...{ ...ended, status: "FAILED", failReason: "attempts-exhausted" },
        ...{ attempts: 3, attemptsAllowed: 3, lastOutcome: got503 },
      },
      "The message FAILED. No attempt is left. Attempt 3 of 3 got 503 from example.com 40 s ago. Nothing: the message has ended.",
    ],
    [
      "that the target wants no more",
      { ...ended, status: "FAILED", failReason: "gone", attempts: 3, lastOutcome: got503 },
      "The message FAILED. The target answered 410 Gone, which is final. Nothing: the message has ended.",
    ],
    [
      "that was cancelled before an attempt",
      { ...ended, status: "CANCELLED", cancelledAt: now - minuteMs },
      "Its sender cancelled the message 1 min ago. Nothing: the message has ended.",
    ],
    [
      "that was cancelled after one",
      { ...ended, status: "CANCELLED", cancelledAt: now, attempts: 1 },
      "Its sender cancelled the message less than 1 s ago. An attempt made before may have reached the target. Nothing: the message has ended.",
    ],
    [
      "in a state of a newer version",
      { status: "PAUSED" as Status },
      "The message is PAUSED, a state that this version of Postrider does not know. Only the version that stored it can say what happens next.",
    ],
  ])("%s", (_name, overrides, sentences) => {
    expect(said(overrides)).toBe(sentences);
  });

  test.each([...noAnswerClasses, "unknown", "payload-missing", "too-late", "of a newer version"])(
    "whose attempt failed with the class %s",
    (name) => {
      const lastOutcome = anOutcome({ class: name, status: undefined, at: now });

      expect(explained({ attempts: 1, lastOutcome }).why).toMatch(
        /^Attempt 1 of 10 failed less than 1 s ago: .{10,}\.$/,
      );
    },
  );

  test.each(failReasons)("that FAILED with the reason %s", (failReason) => {
    const { why } = explained({ ...ended, status: "FAILED", failReason });

    expect(why).toMatch(/^The message FAILED\. .{10,}\.$/);
    expect(why).not.toContain("The reason is");
  });
});

test("An erased message is explained as before, and said to be erased", () => {
  const cancelled = { ...ended, status: "CANCELLED", cancelledAt: now - 2 * hourMs } as const;

  const { why } = explained({ ...cancelled, erasedAt: now - hourMs });

  expect(why).toBe(`${explained(cancelled).why} Its content was erased 1 h ago.`);
});

describe("What can be done", () => {
  test.each<[string, Partial<Message>, readonly string[]]>([
    ["with one that waits for later", { notBefore: now + 1 }, ["cancel", "send-now"]],
    ["with one that is due", { notBefore: now }, ["cancel"]],
    ["during an attempt", held, ["cancel"]],
    ["during an attempt after which it is cancelled", { ...held, cancelRequestedAt: now }, []],
    ["with one that was delivered", { ...ended, status: "COMPLETED" }, ["replay", "erase"]],
    [
      "with one that FAILED",
      { ...ended, status: "FAILED", failReason: "gone" },
      ["replay", "erase"],
    ],
    ["with one that was cancelled", { ...ended, status: "CANCELLED" }, ["replay", "erase"]],
    ["with one that was replayed 99 times", { ...ended, status: "FAILED", replays: 99 }, ["erase"]],
    ["with one that was erased", { ...ended, status: "COMPLETED", erasedAt: now }, []],
    ["with one of a newer version", { status: "PAUSED" as Status }, []],
  ])("%s", (_name, overrides, canDo) => {
    expect(explained(overrides).canDo).toEqual(canDo);
  });
});

test("An explanation is short, in one line, and shows only the host of the target", () => {
  const time = fc.integer({ min: now - 400 * 24 * hourMs, max: now + 400 * 24 * hourMs });
  const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const messages = fc.record({
    status: fc.constantFrom(...statuses, "PAUSED" as Status),
    attempts: fc.nat(999),
    attemptsBefore: fc.nat(999),
    attemptsAllowed: fc.nat(999),
    replays: fc.nat(99),
    ...{ notBefore: some(time), leaseUntil: some(time), giveUpAt: time, deliverAt: some(time) },
    ...{
      cancelRequestedAt: some(time),
      quarantinedAt: some(time),
      cancelledAt: some(time),
      erasedAt: some(time),
    },
    failReason: some(fc.constantFrom(...failReasons)),
    lastOutcome: some(
      fc.record({
        attempt: fc.nat(999),
        class: fc.constantFrom(
          "status",
          "accepted",
          "__proto__",
          "constructor",
          ...noAnswerClasses,
        ),
        status: some(fc.integer({ min: 100, max: 599 })),
        at: time,
      }),
    ),
  });

  fc.assert(
    fc.property(messages, (overrides) => {
      const targetUrl = "https://example.com/secret-path?secret-query";
      const { why, next } = explained({ ...overrides, targetUrl } as Partial<Message>);

      for (const text of [why, next]) {
        expect(text).toMatch(/^[A-Z][^\n]{8,250}\.$/);
        expect(text).not.toMatch(/secret|undefined|NaN|-\d/);
      }
    }),
  );
});
