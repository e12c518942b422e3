import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type AnyChange, allows } from "../../domain/change.ts";
import { type Act, decideAct, leaseOverBy } from "../../domain/dispatch.ts";
import type { ChangeVerb } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import {
  type DueFields,
  dueAfterQuarantine,
  judgeDue,
  quarantineReasons,
  remedyOf,
} from "../../domain/quarantine.ts";
import { factsOf } from "../../domain/retry.ts";
import {
  aMessage,
  clockMarginMs,
  hourMs,
  leaseMs,
  minuteMs,
  policy,
  secondMs,
  t0,
} from "../support/messages.ts";

const facts = { now: t0, clockMarginMs };

type Overrides = Readonly<Record<string, unknown>>;

/** An item as it is read: with attributes that no message could have. */
const itemOf = (overrides: Overrides = {}, beside: Partial<DueFields> = {}): DueFields => {
  const message = aMessage({ dueAt: t0 - 1 });
  const fields = Object.fromEntries(
    Object.entries({ ...message, ...overrides }).filter(([, value]) => value !== undefined),
  );
  const ids = { senderId: message.senderId, messageId: message.messageId };
  return { ids, fields, message: fields as Message, ...beside };
};
const judged = (overrides: Overrides, beside?: Partial<DueFields>) =>
  judgeDue(itemOf(overrides, beside), facts);

const held = { status: "PROCESSING", attempts: 1, leaseUntil: t0 + leaseMs };

describe("An item is bad", () => {
  test.each<[string, string, Overrides, Partial<DueFields>]>([
    ["unknown-item", "is of another kind or version", {}, { message: undefined }],
    ["unknown-item", "has the key of something else", {}, { ids: undefined }],
    ["key-mismatch", "has the message id of another", { messageId: "another" }, {}],
    ["key-mismatch", "has lost its sender id", { senderId: undefined }, {}],
    ["unknown-status", "is in a state of a newer version", { status: "PAUSED" }, {}],
    [
      "unknown-status",
      "is, and has not what ours have",
      { status: "PAUSED", attempts: undefined },
      {},
    ],
    ["malformed", "has no status", { status: undefined }, {}],
    ["malformed", "has a status that is a number", { status: 7 }, {}],
    ["malformed", "has no number of attempts", { attempts: undefined }, {}],
    ["malformed", "has half an attempt", { attempts: 0.5 }, {}],
    ["malformed", "has less than no attempts", { attempts: -1 }, {}],
    ["malformed", "has a text for a time", { notBefore: "soon" }, {}],
    ["malformed", "has nobody's last moment", { giveUpAt: undefined }, {}],
    ["malformed", "has waits that are none", { scheduleMs: "5s" }, {}],
    ["malformed", "has a last outcome that is a text", { lastOutcome: "503" }, {}],
    ["due-after-end", "has ended and is due", { status: "COMPLETED", notBefore: undefined }, {}],
    ["alive-past-ttl", "is alive and past its ttl", { ttl: t0 / 1000 }, {}],
    ["no-start", "waits, and for no time", { notBefore: undefined }, {}],
    ["no-start", "is QUEUED for no time", { status: "QUEUED", notBefore: undefined }, {}],
    ["no-lease", "is held for no time", { ...held, leaseUntil: undefined }, {}],
    ["lease-too-long", "is held for years", { ...held, leaseUntil: t0 + 1e5 * hourMs }, {}],
  ])("%s: it %s", (reason, _what, overrides, beside) => {
    expect(judged(overrides, beside)).toMatchObject({ kind: "bad", reason });
  });

  test("every reason has a case, and says what to do", () => {
    for (const reason of quarantineReasons) expect(remedyOf(reason)).toMatch(/^[A-Z].*\.$/);
  });

  test("the evidence shows the bad value and nothing else of the item", () => {
    expect(judged({ status: "PAUSED" })).toMatchObject({ evidence: 'its status is "PAUSED"' });
    expect(judged({ attempts: undefined, giveUpAt: "x" })).toMatchObject({
      evidence: "attempts is missing, giveUpAt is not a number",
    });
  });
});

describe("An item is sound", () => {
  test.each<[string, Overrides]>([
    ["waits", {}],
    ["was sent", { status: "QUEUED" }],
    ["is held", held],
    ["is held for as long as a lease may last", { ...held, leaseUntil: t0 + hourMs }],
    ["is held, and has lost its time", { ...held, notBefore: undefined }],
    ["was held by somebody who is gone", { ...held, leaseUntil: t0 - minuteMs }],
    ["has ended, which the index does not know yet", { status: "FAILED", dueAt: undefined }],
    ["lacks what nobody needs to deliver it", { timestamp: undefined, fingerprint: 7 }],
    ["was in quarantine, and has been mended", { quarantinedAt: t0 - hourMs }],
    ["lasts for another second", { ttl: t0 / 1000 + 1 }],
  ])("that %s", (_what, overrides) => {
    expect(judged(overrides)).toMatchObject({ kind: "sound" });
  });
});

describe("A bad item that is not due", () => {
  test.each<[string, unknown]>([
    ["has been moved out of the way already", t0 + 1],
    ["has left the index, which is behind", undefined],
  ])("%s: it stays where it is", (_what, dueAt) => {
    expect(judged({ status: "PAUSED", dueAt })).toEqual({ kind: "moved" });
  });
});

test("The next check of a bad item is as late as any check may be, and no later", () => {
  expect(dueAfterQuarantine(t0)).toBe(t0 + 6 * hourMs);
});

/** The write that an act comes to, as the dispatcher makes it. */
const writeOf = (act: Act, message: Message): readonly [ChangeVerb, AnyChange] | undefined => {
  const seen = { now: t0, seen: message };
  const lost = { ...seen, notAfter: { leaseUntil: leaseOverBy(t0, clockMarginMs) } };
  switch (act.kind) {
    case "send":
      return ["enqueue", seen];
    case "resend":
    case "postpone":
      return ["postpone", seen];
    case "release":
      return ["release", lost];
    case "releaseAsFailed":
      return ["releaseAsFailed", lost];
    case "releaseAsCancelled":
      return ["releaseAsCancelled", lost];
    case "nothing":
      return undefined;
  }
};

// The rule is complete: what it lets through, some write of the dispatcher moves on.
test("Whatever is done about a sound item that is due, the table accepts", () => {
  const time = fc.constantFrom(undefined, t0 - hourMs, t0 - secondMs, t0 + minuteMs, 9e15, "soon");
  const count = fc.constantFrom(undefined, 0, 1, 10, -1, 0.5, "1");
  const anyItem = fc.record({
    status: fc.constantFrom("PENDING", "QUEUED", "PROCESSING", "COMPLETED", "FAILED", "PAUSED", 7),
    ...{ notBefore: time, leaseUntil: time, giveUpAt: time, cancelRequestedAt: time },
    ...{ attempts: count, attemptsAllowed: count, attemptsBefore: count },
    scheduleMs: fc.constantFrom(undefined, [1000], "5s"),
  });
  let accepted = 0;
  fc.assert(
    fc.property(anyItem, (overrides) => {
      const is = judged(overrides);
      if (is.kind !== "sound") return;
      const { message } = is;
      const attempt = factsOf(message, { ...policy, now: t0, random: 0.5 });
      const write = writeOf(decideAct(message, attempt, clockMarginMs), message);

      expect(write && allows(write[0], message, write[1])).toBe(true);
      if (message.status !== "PROCESSING")
        expect(
          allows("claim", message, {
            now: t0,
            seen: message,
            notAfter: { notBefore: 9e15, dueAt: 9e15 },
          }),
        ).toBe(true);
      accepted += 1;
    }),
    { numRuns: 20_000 },
  );
  expect(accepted).toBeGreaterThan(50);
});
