import { describe, expect, test } from "@jest/globals";
import { type AnyChange, allows, evolve, isOwnWrite, statusAfter } from "../../domain/change.ts";
import type { ChangeVerb } from "../../domain/lifecycle.ts";
import type { Message } from "../../domain/message.ts";
import {
  aMessage,
  anOutcome,
  graceMs,
  leaseMs,
  minuteMs,
  secondMs,
  t0,
} from "../support/messages.ts";

const claim: AnyChange = {
  now: t0,
  seen: { attempts: 0 },
  notAfter: { notBefore: t0, dueAt: t0 + leaseMs },
  set: { owner: "me", leaseUntil: t0 + leaseMs },
};
const held = aMessage({
  status: "PROCESSING",
  attempts: 1,
  owner: "me",
  leaseUntil: t0 + leaseMs,
  processingAt: t0,
});
const complete: AnyChange = {
  now: t0 + secondMs,
  owner: "me",
  seen: { attempts: 1 },
  set: { lastOutcome: anOutcome({ class: "accepted", status: 200 }) },
};

describe("allows", () => {
  test("grants a change all of whose conditions hold", () => {
    expect(allows("claim", aMessage(), claim)).toBe(true);
    expect(allows("complete", held, complete)).toBe(true);
  });

  test.each<[string, ChangeVerb, Message, AnyChange]>([
    ["another state", "complete", aMessage({ attempts: 1 }), complete],
    ["another number of attempts", "claim", aMessage({ attempts: 1 }), claim],
    ["a moment that has not come", "claim", aMessage({ notBefore: t0 + 1 }), claim],
    ["a moment that is not there", "claim", aMessage({ notBefore: undefined }), claim],
    ["no moment to compare with", "claim", aMessage(), { ...claim, notAfter: undefined }],
    ["what must be absent", "retry", { ...held, cancelRequestedAt: t0 }, complete],
    ["the absence of what must be present", "abandon", held, complete],
  ])("refuses for %s", (_why, verb, message, change) => {
    expect(allows(verb, message, change)).toBe(false);
  });
});

describe("evolve", () => {
  test("a claim counts the attempt and does not change the schedule", () => {
    expect(evolve("claim", aMessage(), claim)).toEqual({
      ...aMessage(),
      status: "PROCESSING",
      attempts: 1,
      owner: "me",
      leaseUntil: t0 + leaseMs,
      processingAt: t0,
      updatedAt: t0,
    });
  });

  test("an end removes the schedule and the lease", () => {
    const { notBefore: _, dueAt: __, dueShard: ___, leaseUntil: ____, ...rest } = held;

    expect(evolve("complete", held, complete)).toStrictEqual({
      ...rest,
      status: "COMPLETED",
      lastOutcome: complete.set?.lastOutcome,
      completedAt: t0 + secondMs,
      updatedAt: t0 + secondMs,
    });
  });

  test("a change within a state sets no time of a state", () => {
    const postponed = evolve("postpone", held, {
      now: t0 + minuteMs,
      set: { dueAt: t0 + 2 * minuteMs },
    });

    expect(postponed).toEqual({ ...held, dueAt: t0 + 2 * minuteMs, updatedAt: t0 + minuteMs });
  });

  test("writes what may be given only if it is given", () => {
    const { dueAt } = aMessage();

    expect(evolve("enqueue", aMessage(), { now: t0 })).toMatchObject({ dueAt });
    expect(evolve("enqueue", aMessage(), { now: t0, set: { dueAt: 7 } })).toMatchObject({
      dueAt: 7,
    });
  });

  test("writes nothing that the row does not name", () => {
    const sneaky = { ...claim, set: { ...claim.set, targetUrl: "https://evil.example" } };

    expect(evolve("claim", aMessage(), sneaky)).toEqual(evolve("claim", aMessage(), claim));
  });

  test("does not change the message that it is given", () => {
    const before = Object.freeze(aMessage());

    evolve("claim", before, claim);

    expect(before).toEqual(aMessage());
  });
});

describe("statusAfter", () => {
  test.each([
    ["claim", "QUEUED", "PROCESSING"],
    ["postpone", "QUEUED", "QUEUED"],
    ["requestCancel", "PROCESSING", "PROCESSING"],
    ["replay", "FAILED", "PENDING"],
  ] as const)("of %s from %s is %s", (verb, before, after) => {
    expect(statusAfter(verb, before)).toBe(after);
  });
});

describe("isOwnWrite", () => {
  const claimed = evolve("claim", aMessage(), claim);
  const completed = evolve("complete", held, complete);

  test("knows a claim and a settlement by the holder's token", () => {
    expect(isOwnWrite("claim", claimed, claim)).toBe(true);
    expect(isOwnWrite("complete", completed, complete)).toBe(true);
  });

  test("knows a replay by its token, though it saw no number of attempts", () => {
    const failed = aMessage({ status: "FAILED", attempts: 3, replays: 1, owner: "worker" });
    const replay = { now: t0, seen: { replays: 1 }, set: { owner: "me" } };
    const replayed = evolve("replay", failed, replay);

    expect(isOwnWrite("replay", replayed, replay)).toBe(true);
    expect(isOwnWrite("replay", { ...replayed, owner: "other" }, replay)).toBe(false);
  });

  test.each<[string, ChangeVerb, Message, AnyChange]>([
    ["another holder's claim", "claim", { ...claimed, owner: "other" }, claim],
    ["the claim of a later attempt", "claim", { ...claimed, attempts: 2 }, claim],
    ["a claim that has been settled", "claim", completed, claim],
    ["another holder's end", "complete", { ...completed, owner: "other" }, complete],
    ["another end", "fail", completed, complete],
    ["a message that was never claimed", "claim", aMessage(), claim],
    ["a change without a token", "complete", completed, { ...complete, owner: undefined }],
    [
      "a release, which takes the token away",
      "retry",
      evolve("release", held, {
        now: t0 + 2 * minuteMs,
        seen: { attempts: 1 },
        set: { notBefore: t0, dueAt: t0 + graceMs },
      }),
      complete,
    ],
  ])("does not take %s for its own", (_whose, verb, current, change) => {
    expect(isOwnWrite(verb, current, change)).toBe(false);
  });
});
