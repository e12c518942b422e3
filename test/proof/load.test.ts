import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { behaviourOf } from "../../proof/edition/behaviour.ts";
import { killChildren } from "../../proof/edition/children.ts";
import { openLoop } from "../../proof/edition/schedule.ts";
import { traffic } from "../../proof/edition/traffic.ts";
import { distributionOf, slopePerMinute } from "../../proof/soak/figures.ts";
import { type LoadRun, loadRun } from "../../proof/soak/load-run.ts";
import { profiles } from "../../proof/soak/profiles.ts";

afterAll(killChildren);

describe("A few hundred messages to a receiver that fails in every way", () => {
  let dir: string;
  let run: LoadRun;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "postrider-load-"));
    const profile = { ...profiles.failures, ratePerSecond: 40, countMax: 200 };
    run = await loadRun(profile, { dir, seed: 1, patienceMs: 60_000, note: () => {} });
  });
  afterAll(() => rm(dir, { recursive: true }));

  test("all end, and no promise is broken", () => {
    expect(run.audit.findings).toEqual([]);
    expect(run.damage).toEqual([]);
    expect(run.audit.facts).toMatchObject({ messages: 200, acknowledged: 200, waiting: 0 });
    expect(run.audit.facts.completed + run.audit.facts.failed).toBe(200);
  });

  test("are tried again as often as the receiver failed, and no oftener", () => {
    const { requests, duplicates } = run.audit.facts;

    expect(requests).toBeGreaterThan(205);
    expect(requests).toBeLessThan(280);
    expect(duplicates.crash).toBe(0);
  });

  test("are measured: no figure is missing", () => {
    const { acceptMs, firstAttemptMs, endToEndMs, rssMb, completedPerSecond } = run.figures;

    for (const { p50, p95, p99, max } of [acceptMs, firstAttemptMs, endToEndMs]) {
      expect(p50).toBeGreaterThan(0);
      expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b));
    }
    expect(rssMb.max).toBeGreaterThan(20);
    expect(completedPerSecond).toBeGreaterThan(0);
  });
});

describe("The load", () => {
  test("begins as it was planned to, whether or not what was begun before is done", async () => {
    let now = 1000;
    const begun: number[] = [];
    const never = new Promise<void>(() => {});

    // Not awaited to its end: nothing of it ends. A clock that is late leaves nothing out.
    void openLoop({
      clock: () => now,
      ratePerSecond: 10,
      isOver: (count) => count >= 5,
      begin: (_, intendedAt) => {
        begun.push(intendedAt);
        now += 500;
        return never;
      },
    });

    expect(begun).toEqual([1000, 1100, 1200, 1300, 1400]);
  });

  test("has two senders use one id for different contents, each for its own target", () => {
    const message = traffic({ senderIds: ["a", "b"], receiverUrl: "http://127.0.0.1:9", seed: 1 });
    const [one, other] = [message(0, 0), message(1, 0)];

    expect(one.key).toEqual({ senderId: "a", messageId: "message-0" });
    expect(other.key).toEqual({ senderId: "b", messageId: "message-0" });
    expect(one.content).not.toBe(other.content);
    expect(message(0, 0)).toEqual(one);
  });

  test("fails by share, and alike each time", () => {
    const shares = { broken: 0.1, hanging: 0.05 };
    const ask = () =>
      Array.from({ length: 4000 }, (_, index) =>
        behaviourOf(shares, 1, { senderId: "a", messageId: `m-${index}` }, 1),
      );

    const first = ask();

    expect(ask()).toEqual(first);
    const shareOf = (wanted: string) => first.filter((each) => each === wanted).length / 4000;
    expect(shareOf("broken")).toBeCloseTo(0.1, 1);
    expect(shareOf("hanging")).toBeCloseTo(0.05, 1);
    expect(shareOf("fine")).toBeCloseTo(0.85, 1);
  });
});

describe("Figures", () => {
  test("a distribution is of the nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);

    expect(distributionOf(values)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 });
    expect(distributionOf([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 });
  });

  test("a slope is that of the line through the points, by the minute", () => {
    const points = [0, 1, 2, 3].map((minute) => ({ at: minute * 60_000, value: 100 + 5 * minute }));

    expect(slopePerMinute(points)).toBeCloseTo(5);
    expect(slopePerMinute(points.slice(0, 1))).toBe(0);
  });
});
