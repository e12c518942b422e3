import { describe, expect, test } from "@jest/globals";
import { type Act, decideAct, leaseOverBy, startableBy } from "../../domain/dispatch.ts";
import type { Message, Status } from "../../domain/message.ts";
import type { AttemptFacts } from "../../domain/retry.ts";
import {
  aMessage,
  clockMarginMs,
  dayMs,
  defaultScheduleMs,
  hourMs,
  leaseMs,
  minuteMs,
  secondMs,
  t0,
} from "../support/messages.ts";

const facts: AttemptFacts = {
  number: 1,
  allowed: 10,
  before: 0,
  giveUpAt: t0 + 3 * dayMs,
  scheduleMs: defaultScheduleMs,
  now: t0,
  random: 0.5,
};

const act = (message: Partial<Message>, overrides: Partial<AttemptFacts> = {}): Act =>
  decideAct(aMessage(message), { ...facts, ...overrides }, clockMarginMs);

describe("a PENDING message", () => {
  test.each([
    ["an hour ago", -hourMs],
    ["now", 0],
    ["in five minutes", 5 * minuteMs],
    ["in 900 seconds", 900_000],
  ])("whose attempt may begin %s is sent", (_when, ahead) => {
    expect(act({ notBefore: t0 + ahead })).toEqual({ kind: "send" });
  });

  test("a message one millisecond beyond the queue's delay waits", () => {
    expect(act({ notBefore: t0 + 900_001 })).toEqual({
      kind: "postpone",
      dueAt: t0 + 15 * minuteMs,
    });
  });
});

describe("a QUEUED message", () => {
  const queued = (waited: number) => act({ status: "QUEUED", notBefore: t0 - waited });

  test.each([
    ["before its time", -minuteMs],
    ["at its time", 0],
    ["up to a quarter of an hour past it", 15 * minuteMs - 1],
  ])("is left to the queue %s", (_when, waited) => {
    expect(queued(waited)).toEqual({ kind: "postpone", dueAt: t0 + 15 * minuteMs });
  });

  test.each([
    ["a quarter of an hour", 15 * minuteMs],
    ["a day", dayMs],
  ])("is sent again %s past its time", (_when, waited) => {
    expect(queued(waited)).toEqual({ kind: "resend" });
  });
});

describe("a PROCESSING message", () => {
  const held = (leaseUntil: number | undefined, overrides: Partial<Message> = {}) => ({
    status: "PROCESSING" as const,
    attempts: 1,
    leaseUntil,
    ...overrides,
  });
  const over = t0 - clockMarginMs - 1;

  test.each([
    ["lives", t0 + leaseMs],
    ["ends now", t0],
    ["is over by no more than clocks may differ", t0 - clockMarginMs],
  ])("whose lease %s is left to its holder until past the margin", (_what, leaseUntil) => {
    expect(act(held(leaseUntil))).toEqual({
      kind: "postpone",
      dueAt: leaseUntil + clockMarginMs + 1,
    });
  });

  test("a message is released one millisecond after lease and margin, and retried after the wait", () => {
    expect(act(held(over))).toEqual({ kind: "release", notBefore: t0 + 5 * secondMs });
  });

  test("without a lease, which there cannot be, is released as well", () => {
    expect(act(held(undefined))).toEqual({ kind: "release", notBefore: t0 + 5 * secondMs });
  });

  test.each([
    ["attempts-exhausted", { number: 10 }],
    ["too-late", { giveUpAt: t0 + 5 * secondMs - 1 }],
  ] as const)("whose lease is over has FAILED if it is %s", (reason, overrides) => {
    expect(act(held(over), overrides)).toEqual({ kind: "releaseAsFailed", reason });
  });

  test("a message whose lease is over is CANCELLED if its sender asked for that", () => {
    const wanted = { cancelRequestedAt: t0 - minuteMs };

    expect(act(held(over, wanted))).toEqual({ kind: "releaseAsCancelled" });
  });

  test("has FAILED rather than been cancelled if it was its last attempt", () => {
    const wanted = { cancelRequestedAt: t0 - minuteMs };

    expect(act(held(over, wanted), { number: 10 })).toMatchObject({ kind: "releaseAsFailed" });
  });

  test("a message to be cancelled is left to its live holder", () => {
    const wanted = { cancelRequestedAt: t0 - minuteMs };

    expect(act(held(t0, wanted))).toMatchObject({ kind: "postpone" });
  });
});

test.each<Status>(["COMPLETED", "FAILED", "CANCELLED"])("a %s message is left alone", (status) => {
  expect(act({ status, notBefore: undefined })).toEqual({ kind: "nothing" });
});

describe("the clock margin", () => {
  test("makes a lease that is over by exactly that much a live one", () => {
    expect(t0 - clockMarginMs <= leaseOverBy(t0, clockMarginMs)).toBe(false);
    expect(t0 - clockMarginMs - 1 <= leaseOverBy(t0, clockMarginMs)).toBe(true);
  });

  test("lets an attempt begin early by exactly that much", () => {
    expect(t0 + clockMarginMs <= startableBy(t0, clockMarginMs)).toBe(true);
    expect(t0 + clockMarginMs + 1 <= startableBy(t0, clockMarginMs)).toBe(false);
  });
});
