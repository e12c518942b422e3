import { describe, expect, test } from "@jest/globals";
import type { FailureGroup, ListedMessage } from "../../../client/answers.ts";
import { situationOf } from "../../../dashboard/now/situation.ts";
import { recentMs, targetsOf } from "../../../dashboard/now/targets.ts";

const now = Date.UTC(2026, 0, 31, 12);
const iso = (ms: number): string => new Date(ms).toISOString();

const waits = (host: string, members: Partial<ListedMessage> = {}): ListedMessage => ({
  ...{
    messageId: "order-1",
    senderId: "shop",
    status: "PENDING",
    attempts: 0,
    attemptsAllowed: 10,
  },
  ...{ timestamp: iso(now), createdAt: iso(now), updatedAt: iso(now), expiresAt: iso(now) },
  ...{ targetUrl: `https://${host}/hook`, ...members },
});
const failedOnce = {
  attempts: 1,
  lastOutcome: { attempt: 1, class: "status", at: iso(now - 5) },
} as const;
const group = (key: string, count: number, lastAt: number): FailureGroup => ({
  ...{ key, count, since: iso(lastAt), lastAt: iso(lastAt), exampleMessageId: "order-1" },
});

describe("A target is failing", () => {
  test("while a message to it waits after an attempt that failed, and while one FAILED lately", () => {
    const waiting = [waits("slow.example", failedOnce), waits("new.example")];
    const groups = [
      group("lately.example", 1, now - recentMs + 1),
      group("long-ago.example", 9, now - recentMs),
    ];

    const failing = targetsOf(waiting, groups, now).map(({ host, isFailing }) => [host, isFailing]);

    expect(failing).toEqual([
      ["lately.example", true],
      ["slow.example", true],
      ["long-ago.example", false],
      ["new.example", false],
    ]);
  });

  test("and not where a message is replayed that was accepted before", () => {
    const lastOutcome = { attempt: 1, class: "accepted", status: 200, at: iso(now) } as const;

    expect(targetsOf([waits("fine.example", { lastOutcome })], [], now)[0]?.isFailing).toBe(false);
  });

  test("with what waits and what FAILED in one row", () => {
    const targets = targetsOf(
      [waits("a.example:8443", failedOnce), waits("a.example:8443")],
      [group("a.example:8443", 7, now - 1000)],
      now,
    );

    expect(targets).toEqual([
      {
        ...{ host: "a.example:8443", isFailing: true, waiting: 2, undelivered: 7 },
        lastFailureAt: now - 5,
      },
    ]);
  });
});

describe("How things are", () => {
  const read = (items: ListedMessage[], nextCursor: string | null = null) => ({
    unfinished: { count: items.length, isExact: true },
    ...{ next: { items, nextCursor }, failures: { groups: [], isComplete: true } },
  });

  test("is known of what was read: there may be more targets that fail", () => {
    const items = [waits("slow.example", failedOnce)];
    const targets = targetsOf(items, [], now);

    expect(situationOf(read(items), targets, now).failingTargets.isExact).toBe(true);
    expect(situationOf(read(items, "more"), targets, now).failingTargets).toEqual({
      ...{ count: 1, isExact: false },
    });
  });

  test("has the next attempt of those that wait, and not the one that is being made", () => {
    const items = [
      waits("a.example", { status: "PROCESSING", notBefore: iso(now - 9000) }),
      waits("a.example", { notBefore: iso(now + 9000) }),
      waits("a.example", { status: "QUEUED", notBefore: iso(now + 3000) }),
    ];

    expect(situationOf(read(items), [], now)).toMatchObject({
      ...{ inAttempt: 1, nextAt: now + 3000, oldestDueAt: undefined },
    });
  });

  test("counts a message that its index does not have yet", () => {
    const late = { ...read([waits("a.example")]), unfinished: { count: 0, isExact: true } };

    expect(situationOf(late, [], now).waiting.count).toBe(1);
  });
});
