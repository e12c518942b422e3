import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Io } from "../../../cli/io.ts";
import { type CommandOptions, commandOn, fetchOf } from "../../support/command.ts";
import { awsError } from "../../support/faults.ts";
import { jobsOn } from "../../support/jobs.ts";
import { useService } from "../../support/service.ts";

const service = useService();
const postrider = commandOn(service);
const jobs = jobsOn(service);

beforeAll(() => jobs.open());
afterAll(() => jobs.close());

const linesOf = (text: string): readonly string[] => text.trimEnd().split("\n");

describe("list", () => {
  beforeAll(async () => {
    await jobs.many(3, () => jobs.submitted());
    await jobs.many(2);
  });

  test("shows a table of the newest messages, and says when there may be more", async () => {
    const { out, err } = await postrider(["list", "--limit", "4"]);

    expect(linesOf(out)).toHaveLength(5);
    expect(linesOf(out)[0]).toMatch(/^MESSAGE +STATUS +ATTEMPTS +LAST +SUBMITTED +TARGET$/);
    expect(linesOf(out)[1]).toMatch(/^job-5 +FAILED +1\/4 +gone 410 +2026-03-01T12:00:00Z +http:/);
    expect(err).toContain("--all");
  });

  test("prints an object a line with --json, all of them, and nothing else", async () => {
    const { out, err } = await postrider(["list", "--all", "--json"]);

    const items = linesOf(out).map((line) => JSON.parse(line));
    expect(items.map(({ messageId }) => messageId)).toEqual([5, 4, 3, 2, 1].map((n) => `job-${n}`));
    expect(err).toBe("");
  });

  test("filters by status, reason, target and times before now", async () => {
    const failed = await postrider(["list", "--status", "failed", "--from", "1h", "--json"]);
    const reason = await postrider(["list", "--reason", "gone", "--json"]);
    const before = await postrider(["list", "--to", "1h"]);
    const elsewhere = await postrider(["list", "--target", "example.com"]);

    expect([linesOf(failed.out), linesOf(reason.out)].map(({ length }) => length)).toEqual([2, 2]);
    expect([before.out, elsewhere.out]).toEqual(["", ""]);
    expect(before).toMatchObject({ code: 0, err: "There is no such message.\n" });
  });

  test("cuts what is too wide for the terminal, and nothing elsewhere", async () => {
    const narrow = await postrider(["list"], { isTerminal: true, columns: 72 });
    const piped = await postrider(["list"], { columns: 72 });

    expect(Math.max(...linesOf(narrow.out).map(({ length }) => length))).toBe(72);
    expect(narrow.out).toContain("…");
    expect(piped.out).not.toContain("…");
  });

  test("names each wrong option", async () => {
    const { code, err } = await postrider(["list", "--status", "LOST", "--from", "x", "--limit=0"]);

    expect(code).toBe(2);
    expect(linesOf(err).slice(1, -1)).toEqual([
      expect.stringContaining("--status: must be one of PENDING"),
      expect.stringContaining("--from: must be a time such as"),
      expect.stringContaining("--limit: must be a whole number"),
    ]);
  });

  test("waits for a reader who is slow", async () => {
    let waits = 0;
    const drained = async (): Promise<void> => {
      waits += 1;
    };

    await postrider(["list", "--json"], { out: () => false, drained });

    expect(waits).toBe(5);
  });
});

test("why explains a message, and shows what happened to it", async () => {
  const messageId = await jobs.failed();
  await postrider(["replay", messageId]);

  const { out } = await postrider(["why", messageId]);
  const json = JSON.parse((await postrider(["why", messageId, "--json"])).out);

  expect(out).toContain(`You can: postrider cancel ${messageId}`);
  expect(out).toMatch(/Z {2}submitted\n(.*\n)*.*attempt 1 {2}failed 410 after \d+ ms\n/);
  expect(out).toContain("replay by the key ");
  expect(json).toMatchObject({ why: expect.any(String), events: expect.any(Array) });
});

test("cancel, send-now and erase act on one message, and say what it then is", async () => {
  const later = await jobs.submitted({ deliverAt: "2026-03-02T12:00:00Z" });

  const now = await postrider(["send-now", later]);
  const cancelled = await postrider(["cancel", later, "--json"]);
  const again = await postrider(["send-now", later]);
  const unasked = await postrider(["erase", later]);
  const declined = await postrider(["erase", later], { canAsk: true, confirm: async () => false });
  const erased = await postrider(["erase", later, "--yes"]);

  expect(now.out).toContain("next attempt at 2026-03-01T");
  expect(JSON.parse(cancelled.out)).toMatchObject({ status: "CANCELLED" });
  expect(again).toMatchObject({ code: 3, err: expect.stringContaining("postrider why") });
  expect([unasked.code, declined.code, erased.code]).toEqual([2, 5, 0]);
});

describe("tail", () => {
  /** Follows through so many looks, and does something before each but the first. */
  const following = (
    between: readonly (() => Promise<unknown>)[],
    options: CommandOptions,
    ...args: readonly string[]
  ): ReturnType<typeof postrider> => {
    const stop = new AbortController();
    const steps = [...between];
    const sleep = async (): Promise<void> => {
      const step = steps.shift();
      if (step === undefined) stop.abort();
      await step?.();
    };
    return postrider(["tail", ...args], { interrupted: stop.signal, sleep, ...options });
  };
  const tail = (between: readonly (() => Promise<unknown>)[], ...args: readonly string[]) =>
    following(between, {}, ...args);

  test("shows the latest messages, then each change of state, and ends with 0", async () => {
    service.advance(60_000);
    const early = await jobs.submitted({ retry: { maxAttempts: 2 } });
    const attempt = (status: number) => () => jobs.attempt(early, { status });

    const { code, out } = await tail([attempt(503), attempt(200)], "--lines", "1");

    expect(code).toBe(0);
    expect(linesOf(out).map((line) => line.split(/ +/).slice(1, 4))).toEqual([
      ["QUEUED", early, "0/2"],
      ["QUEUED", early, "1/2"],
      ["COMPLETED", early, "2/2"],
    ]);
  });

  test("shows what is replayed and FAILED again, however old it is", async () => {
    const old = await jobs.failed();
    service.advance(3_600_000);
    const again = async (): Promise<void> => {
      await postrider(["replay", old]);
      await jobs.attempt(old, { status: 410 });
    };

    const { out } = await tail([again], "--lines=0", "--json");

    expect(JSON.parse(out)).toMatchObject({ messageId: old, status: "FAILED", attempts: 2 });
  });

  test("shows the end of a message that is old, and had not ended before", async () => {
    const old = await jobs.submitted({ retry: { maxAttempts: 2 } });
    service.advance(3_600_000);

    const { out } = await tail([() => jobs.attempt(old, { status: 200 })], "--lines=0");

    expect(out).toContain(`COMPLETED   ${old}`);
  });

  test("goes on when a message that it follows is no longer kept", async () => {
    const gone = await jobs.submitted({ retry: { maxAttempts: 2 } });
    service.advance(3_600_000);
    const ask = fetchOf(service);
    const fetch: Io["fetch"] = (url, init) =>
      ask(url.endsWith(`/messages/${gone}`) ? `${url}-is-gone` : url, init);
    const idle = async (): Promise<void> => {};

    const { code } = await following([idle, idle], { fetch });

    expect(code).toBe(0);
  });

  test("follows what is unfinished and what FAILED where there is no list of all", async () => {
    const waiting = await jobs.submitted();
    const ask = fetchOf(service);
    const fetch: Io["fetch"] = async (url, init) => {
      const isList = url.includes("/v1/messages?") && !url.includes("status=");
      if (!isList) return ask(url, init);
      const issues = [{ path: ["status"], message: "must be FAILED or unfinished" }];
      const problem = { code: "VALIDATION_ERROR", detail: "The request has 1 fault.", issues };
      return new Response(JSON.stringify(problem), { status: 400 });
    };

    const { code, out } = await following([], { fetch });

    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(waiting) });
  });

  test("goes on after an outage", async () => {
    const id = await jobs.submitted();
    const error = awsError("InternalServerError", 500);
    const outage = async (): Promise<void> =>
      service.faults.inject({ command: "Query", when: "before", error, times: 1000 });
    const end = async (): Promise<void> => service.faults.clear();
    const idle = async (): Promise<void> => {};
    const waits = Array.from({ length: 3 }, () => idle);

    const { code, out, err } = await tail(
      [outage, ...waits, end, () => jobs.attempt(id, { status: 200 })],
      "--lines=0",
    );

    expect(code).toBe(0);
    expect(err).toContain("No answer. Trying again.");
    expect(out).toContain(`COMPLETED   ${id}`);
  });

  test("fails at once where it may not look", async () => {
    const { code } = await tail([], "--key", "prk_nobodys");

    expect(code).toBe(3);
  });
});
