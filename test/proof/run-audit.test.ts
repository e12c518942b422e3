import { describe, expect, test } from "@jest/globals";
import type { Message } from "../../domain/message.ts";
import type { RunEvent, RunRequested } from "../../proof/edition/log.ts";
import { isClean } from "../../proof/run-audit/render-run.ts";
import { auditRun, type Fate, type RunFacts } from "../../proof/run-audit/run-audit.ts";
import type { Stored } from "../../proof/run-audit/stored.ts";
import { aMessage, anOutcome, graceMs, t0 } from "../support/messages.ts";

const facts: RunFacts = { leaseMs: 3000, clockMarginMs: 100, scheduleMs: [1000, 1000] };
const key = { senderId: "shop", messageId: "order-7" };
const now = t0 + 60_000;

const requested = (
  at: number,
  attempt: number,
  overrides: Partial<RunRequested> = {},
): RunRequested => {
  const seen = { key, attempt, content: "a", tenant: "shop", signedBy: "shop" };
  return { kind: "requested", at: t0 + at, ...seen, ...overrides };
};
const answered = (at: number, attempt: number, status: number) =>
  ({ kind: "answered", at: t0 + at, key, attempt, status }) as const;
const killed = (at: number) => ({ kind: "fault", what: "crash", at: t0 + at }) as const;

const found = (overrides: Partial<Message>, more: Partial<Stored> = {}): Stored => ({
  ...{ kind: "found", at: now, key, attempts: [], views: [], hasPayload: true },
  message: aMessage({ ...key, ...overrides }),
  ...more,
});
const completed = (attempt: number, more: Partial<Stored> = {}): Stored =>
  found(
    {
      ...{ status: "COMPLETED", attempts: attempt, dueAt: undefined, dueShard: undefined },
      lastOutcome: anOutcome({ attempt, class: "accepted", status: 200 }),
    },
    more,
  );

const handedOver: readonly RunEvent[] = [
  { kind: "asked", at: t0, intendedAt: t0, key, content: "a" },
  { kind: "told", at: t0 + 5, key, content: "a", status: 202 },
];
/** One message, refused once and then accepted: nothing is wrong with it. */
const good: readonly RunEvent[] = [
  ...handedOver,
  requested(10, 1),
  answered(20, 1, 503),
  requested(1100, 2),
  answered(1110, 2, 200),
  completed(2),
];

/** What is found, without what is not. */
const fatesOf = (log: readonly RunEvent[], given = facts): Partial<Record<Fate, number>> =>
  Object.fromEntries(
    Object.entries(auditRun(log, given, now).counts).filter(([, count]) => count > 0),
  );

test("A run in which everything went well is clean, and counted", () => {
  const audit = auditRun(good, facts, now);

  expect(audit.findings).toEqual([]);
  expect(isClean(audit)).toBe(true);
  expect(audit.facts).toEqual({
    ...{ messages: 1, acknowledged: 1, completed: 1, failed: 0, requests: 2, faults: 0 },
    ...{ duplicates: { crash: 0, lostAnswer: 0, frozen: 0, unexplained: 0 }, waiting: 0 },
  });
});

/** Lies: what the logs of a system would say that breaks its word. */
const lies: readonly [string, readonly RunEvent[], Partial<Record<Fate, number>>][] = [
  [
    "the target never got what the table calls delivered",
    good.filter((event) => event.kind !== "requested" || event.attempt !== 2),
    { lost: 1 },
  ],
  [
    "the target said no each time",
    good.map((event) => (event.kind === "answered" ? { ...event, status: 503 } : event)),
    { lost: 1 },
  ],
  [
    "an acknowledged message is not in the table",
    good.filter(({ kind }) => kind !== "found"),
    {
      lost: 1,
    },
  ],
  [
    "other bytes arrived",
    good.map((event) => (event.kind === "requested" ? { ...event, content: "b" } : event)),
    { altered: 1 },
  ],
  [
    "two contents were acknowledged under one id",
    [...good, { kind: "told", at: t0 + 7, key, content: "b", status: 200 }],
    { altered: 1 },
  ],
  [
    "something arrived that nobody had handed over",
    [...good, requested(1200, 1, { key: { senderId: "shop", messageId: "order-8" } })],
    { unexpected: 1 },
  ],
  [
    "it reached the target of another sender",
    good.map((event) =>
      event.kind === "requested" ? { ...event, tenant: "other", signedBy: "other" } : event,
    ),
    { otherTenant: 1 },
  ],
  [
    "it was signed by another sender",
    good.map((event) => (event.kind === "requested" ? { ...event, signedBy: "other" } : event)),
    { otherTenant: 1 },
  ],
  [
    "what arrived is not what was signed",
    good.map((event) => (event.kind === "requested" ? { ...event, signedBy: undefined } : event)),
    { altered: 1 },
  ],
  [
    "it came before `deliverAt`",
    good.map((event) => (event.kind === "asked" ? { ...event, deliverAt: t0 + 500 } : event)),
    { early: 1 },
  ],
  [
    "a retry came before its wait was over",
    good.map((event) => (event.at === t0 + 1100 ? { ...event, at: t0 + 600 } : event)),
    { early: 1 },
  ],
  [
    "a retry came before the target's `Retry-After`",
    good.map((event) =>
      event.kind === "answered" && event.status === 503 ? { ...event, retryAfterMs: 2000 } : event,
    ),
    { early: 1 },
  ],
  [
    "it was requested again after it had been accepted",
    [...handedOver, requested(10, 1), answered(20, 1, 200), requested(9000, 2), completed(2)],
    { duplicateUnexplained: 1 },
  ],
  [
    "nobody has looked after it",
    [...handedOver, found({ status: "PENDING", dueAt: now - 61_000 })],
    { stranded: 1 },
  ],
  [
    "it is in no index",
    [...handedOver, found({ status: "PENDING", dueAt: undefined, dueShard: undefined })],
    { stranded: 1, other: 1 },
  ],
  [
    "one attempt was requested twice",
    [...good.slice(0, 3), requested(15, 1), ...good.slice(3)],
    { other: 1 },
  ],
];

test.each(lies)("It is found that %s", (_, log, fates) => {
  const inOrder = [...log].sort((one, other) => one.at - other.at);

  expect(fatesOf(inOrder)).toEqual(fates);
});

describe("A message that has not ended", () => {
  test("and whose time to be looked at has not come is waited for, and breaks nothing", () => {
    const audit = auditRun(
      [
        ...handedOver,
        found({
          status: "PROCESSING",
          attempts: 1,
          leaseUntil: now + graceMs,
          dueAt: now + graceMs,
        }),
      ],
      facts,
      now,
    );

    expect(audit.facts.waiting).toBe(1);
    expect(audit.findings).toEqual([]);
  });
});

describe("A request after one that was accepted", () => {
  const repeated = (...more: readonly RunEvent[]): readonly RunEvent[] =>
    [
      ...handedOver,
      ...[requested(10, 1), answered(20, 1, 200), requested(9000, 2), answered(9010, 2, 200)],
      ...more,
    ].sort((one, other) => one.at - other.at);

  test.each([
    ["while it was held", 15],
    ["before its lease was over", 3019],
    ["before what it had begun to write was written", 8000],
    ["just before it was read", 5],
  ])("is explained by a kill %s", (_, at) => {
    const { counts, facts: said } = auditRun(repeated(killed(at), completed(2)), facts, now);

    expect(counts.duplicateUnexplained).toBe(0);
    expect(said.duplicates).toEqual({ crash: 1, lostAnswer: 0, frozen: 0, unexplained: 0 });
  });

  test.each([
    ["after the repeat", 9100],
    ["long before it", -2000],
  ])("is not explained by a kill %s", (_, at) => {
    expect(fatesOf(repeated(killed(at), completed(2)))).toEqual({ duplicateUnexplained: 1 });
  });

  test("is not explained by a kill long after its lease", () => {
    const log = [requested(10, 1), answered(20, 1, 200), killed(20_000), requested(30_000, 2)];

    expect(fatesOf([...handedOver, ...log, completed(2)])).toEqual({ duplicateUnexplained: 1 });
  });

  test("is not explained by a kill where the history knows what came of it", () => {
    const views = [{ number: 1, outcome: "delivered" }] as const;

    expect(fatesOf(repeated(killed(15), completed(2, { views })))).toEqual({
      duplicateUnexplained: 1,
    });
  });

  test("is explained where the history says that no answer was heard", () => {
    const unheard = [{ number: 1, outcome: "failed", class: "timeout" }] as const;

    const { counts, facts: said } = auditRun(
      repeated(completed(2, { views: unheard })),
      facts,
      now,
    );

    expect(counts.duplicateUnexplained).toBe(0);
    expect(said.duplicates.lostAnswer).toBe(1);
  });

  test("is explained where the edition says that it could not settle that attempt", () => {
    const unsettled = { kind: "fault", what: "frozen", at: t0 + 5000, key, attempt: 1 } as const;
    const another = { ...unsettled, attempt: 2 };

    const { counts, facts: said } = auditRun(repeated(unsettled, completed(2)), facts, now);

    expect(counts.duplicateUnexplained).toBe(0);
    expect(said.duplicates.frozen).toBe(1);
    expect(fatesOf(repeated(another, completed(2)))).toEqual({ duplicateUnexplained: 1 });
  });

  test("is not explained where the history says that another answer was heard", () => {
    const heard = [{ number: 1, outcome: "failed", class: "status", status: 503 }] as const;

    expect(fatesOf(repeated(completed(2, { views: heard })))).toEqual({
      duplicateUnexplained: 1,
    });
  });
});
