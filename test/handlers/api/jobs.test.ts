/** Jobs: one action on every message that matches a filter, planned first. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { messageEntity } from "../../../entities/message-entity.ts";
import { jobsOn } from "../../support/jobs.ts";
import { useService } from "../../support/service.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

const service = useService();
const jobs = jobsOn(service);
beforeAll(() => jobs.open());
beforeEach(() => service.advance(hourMs));
afterAll(() => jobs.close());

const iso = (ms: number): string => new Date(ms).toISOString();
/** Tells the messages of a test from those of others. */
const sinceNow = () => ({ from: iso(service.now()) });
const times = <Value>(count: number, value: Value): Value[] => Array(count).fill(value);

describe("A job that replays", () => {
  test("replays every message that matches, once, and is DONE", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(5);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });

    await jobs.run(2);

    expect(await jobs.replays(messageIds)).toEqual(times(5, 1));
    expect(await jobs.read(jobId)).toMatchObject({
      ...{ status: "DONE", canDo: [], progress: { done: 5, failed: 0, left: 0 } },
      why: "It is over: 5 messages were replayed.",
    });
  });

  test("does not replay again what it replayed and what failed again", async () => {
    const filter = sinceNow();
    const [first = "", second = ""] = await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter, ratePerSecond: 1, canary: false });
    await jobs.run();
    await jobs.attempt(first, { status: 410 });
    await jobs.attempt(second, { status: 410 });

    await jobs.run(3);

    expect(await jobs.statuses([first, second])).toEqual(["FAILED", "FAILED"]);
    expect(await jobs.replays([first, second])).toEqual([1, 1]);
    expect((await jobs.read(jobId)).progress).toMatchObject({ done: 2, failed: 0, left: 0 });
  });

  test("leaves messages alone that failed after it was planned", async () => {
    const filter = sinceNow();
    const [before = ""] = await jobs.many(1);
    await jobs.job({ action: "replay", filter, canary: false });
    service.advance(1);
    const [after = ""] = await jobs.many(1);

    await jobs.run(2);

    expect(await jobs.replays([before, after])).toEqual([1, 0]);
  });

  test("begins so many messages a second as its rate says", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(5);
    await jobs.job({ action: "replay", filter, ratePerSecond: 2, canary: false });
    const startedAt = service.now();

    await jobs.run();

    const messages = await Promise.all(messageIds.map((messageId) => service.get(messageId)));
    const begins = messages.map((message) => Number(message?.notBefore) - startedAt);
    expect(begins.sort((one, other) => one - other)).toEqual([0, 500, 1000, 1500, 2000]);
  });

  test("takes as many messages in a run as begin within a minute, and goes on in the next", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.stored(62);
    const { jobId } = await jobs.job({ action: "replay", filter, ratePerSecond: 1, canary: false });

    await jobs.run();
    const first = (await jobs.read(jobId)).progress;
    await jobs.run(2);

    expect(first).toMatchObject({ done: 60, failed: 0, left: 2 });
    expect(await jobs.replays(messageIds)).toEqual(times(62, 1));
    expect((await jobs.read(jobId)).status).toBe("DONE");
  });

  test("gives each replay the attempts that it says", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    await jobs.job({ action: "replay", filter, attempts: 7, canary: false });

    await jobs.run();

    expect((await service.get(messageId))?.attemptsAllowed).toBe(8);
  });

  test.each([
    ["reason", { reason: "gone" }, ["gone"]],
    ["target", { target: "127.0.0.1:1" }, []],
    ["time", { from: "2020-01-01T00:00:00Z", to: "2020-01-02T00:00:00Z" }, []],
  ])("acts only on what its filter says: %s", async (_name, filter, expected) => {
    const since = sinceNow();
    const messageIds = await jobs.many(1);
    await jobs.job({ action: "replay", filter: { ...since, ...filter }, canary: false });

    await jobs.run(2);

    expect(await jobs.replays(messageIds)).toEqual([expected.length]);
  });

  test("writes down at each message which job it was", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });

    await jobs.run();

    const { json } = await service.request(`/v1/messages/${messageId}/history`);
    expect(json.events.find(({ kind }: { kind: string }) => kind === "action")).toMatchObject({
      ...{ action: "replay", by: { jobId }, found: "FAILED", refused: false },
    });
  });

  test("counts a message as failed that cannot be replayed any more, and marks the entry", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    const entity = messageEntity(service.storage);
    await entity.patch({ senderId: "shop", messageId }).set({ replays: limits.replaysMax }).go();
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });

    await jobs.run(2);

    expect((await jobs.read(jobId)).progress).toMatchObject({ done: 0, failed: 1, left: 0 });
    const { json } = await service.request(`/v1/messages/${messageId}/history`);
    expect(json.events.find(({ kind }: { kind: string }) => kind === "action").refused).toBe(true);
  });
});

describe("A message of a job", () => {
  /** Lets something happen after the job has read its list, and before it acts. */
  const inBetween = (act: () => Promise<unknown>): void => {
    // The first put keeps the job to its run, the second stores what it is about to act on.
    service.faults.before("PutItem", async () => undefined);
    service.faults.before("PutItem", act);
  };

  test("that a person replayed and that was delivered meanwhile is not sent again", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
    inBetween(async () => {
      await jobs.post(`/v1/messages/${messageId}/replay`);
      await jobs.attempt(messageId, { status: 200 });
    });

    await jobs.run(2);

    expect(await jobs.statuses([messageId])).toEqual(["COMPLETED"]);
    expect(await jobs.replays([messageId])).toEqual([1]);
    expect((await jobs.read(jobId)).progress).toMatchObject({ done: 0, failed: 1, left: 0 });
  });

  test.each([
    ["cancelled by a person", "cancel"],
    ["replayed by a person, and waits", undefined],
  ])("that was %s meanwhile is left as it is", async (_name, then) => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    await jobs.job({ action: "replay", filter, canary: false });
    inBetween(async () => {
      await jobs.post(`/v1/messages/${messageId}/replay`);
      if (then) await jobs.post(`/v1/messages/${messageId}/${then}`);
    });

    await jobs.run(2);

    expect(await jobs.statuses([messageId])).toEqual([then ? "CANCELLED" : "QUEUED"]);
    expect(await jobs.replays([messageId])).toEqual([1]);
  });

  test("that two jobs are for is replayed by one of them, and each says what it did", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(6);
    const made = await Promise.all(
      [1, 2].map(() => jobs.job({ action: "replay", filter, canary: false })),
    );

    await service.dispatch();
    for (const messageId of messageIds) await jobs.attempt(messageId, { status: 200 });
    await jobs.run(3);

    const ended = await Promise.all(made.map(({ jobId }) => jobs.read(jobId)));
    expect(await jobs.replays(messageIds)).toEqual(times(6, 1));
    expect(ended.map(({ status }) => status)).toEqual(["DONE", "DONE"]);
    const done = ended.map(({ progress }) => progress.done);
    expect(done.reduce((sum, count) => sum + count, 0)).toBe(6);
    const entries = await Promise.all(
      messageIds.map(async (messageId) => {
        const { json } = await service.request(`/v1/messages/${messageId}/history`);
        return json.events.filter(
          (event: { kind: string; refused?: boolean }) => event.kind === "action" && !event.refused,
        );
      }),
    );
    expect(entries.map(({ length }) => length)).toEqual(times(6, 1));
  });

  test("that was erased is not in the plan", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    await service.request(`/v1/messages/${messageId}`, { method: "DELETE" });
    const body = { action: "replay", filter, planOnly: true };

    expect((await jobs.post("/v1/jobs", body)).json.plan.count).toBe(0);
  });
});

test("A job says how many of its messages are still to begin", async () => {
  const filter = sinceNow();
  await jobs.stored(30);
  const { jobId } = await jobs.job({ action: "replay", filter, ratePerSecond: 1, canary: false });
  await service.dispatch();
  service.advance(10 * secondMs);

  expect(await jobs.read(jobId)).toMatchObject({
    progress: { done: 30, scheduled: 20 },
    why: "It is over: 30 messages were replayed. Of them 20 messages are still to begin, within a minute.",
  });
  service.advance(30 * secondMs);
  expect((await jobs.read(jobId)).progress.scheduled).toBe(0);
});

test.each([
  ["filter", '{"action":"replay","filter":{"status":"FAILED","status":"COMPLETED"}}', "status"],
  [
    "canary",
    '{"action":"replay","filter":{},"canary":{"failShareMax":0.1,"failShareMax":1}}',
    "failShareMax",
  ],
])("A member that is given twice in %s is refused", async (member, body, name) => {
  const { status, json } = await service.request("/v1/jobs", {
    ...{ method: "POST", body, headers: { "content-type": "application/json" } },
  });

  expect([status, json.issues]).toEqual([
    400,
    [{ path: [member, name], message: "is given more than once" }],
  ]);
});

describe("The canaries of a job", () => {
  test("are one message and then ten, and the rest follows if they are delivered", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(15);
    const { jobId } = await jobs.job({ action: "replay", filter });
    const replayed = async (): Promise<string[]> => {
      const counts = await jobs.replays(messageIds);
      return messageIds.filter((_, index) => counts[index] === 1);
    };

    await jobs.run();
    const first = await replayed();
    for (const messageId of first) await jobs.attempt(messageId, { status: 200 });
    await jobs.run();
    const next = (await replayed()).filter((messageId) => !first.includes(messageId));
    for (const messageId of next) await jobs.attempt(messageId, { status: 200 });
    await jobs.run(2);

    expect([first.length, next.length, (await replayed()).length]).toEqual([1, 10, 15]);
    expect((await jobs.read(jobId)).status).toBe("DONE");
  });

  test("are waited for until the target has answered", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter });

    await jobs.run(5);

    expect((await jobs.replays(messageIds)).filter(Boolean)).toHaveLength(1);
    expect(await jobs.read(jobId)).toMatchObject({
      status: "RUNNING",
      why: "It replayed 1 message to begin with, and waits for what comes of its first attempt.",
    });
  });

  test("stop the job if too many fail again, also where they are to be retried", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: { failShareMax: 0.5 } });
    await jobs.run();
    const [canary = ""] = (await jobs.replays(messageIds)).flatMap((count, index) =>
      count === 1 ? [messageIds[index]] : [],
    );
    await jobs.attempt(canary, { status: 503 });

    await jobs.run(3);

    expect((await jobs.replays(messageIds)).filter(Boolean)).toHaveLength(1);
    expect(await jobs.read(jobId)).toMatchObject({
      status: "STOPPED",
      canDo: ["resume", "cancel"],
      why: "It stopped by itself, because more than 50 % of its first messages failed again. Mend the target and resume it, or cancel it.",
    });
  });

  test("are the next ones where a job that stopped is resumed", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter });
    await jobs.run();
    const [canary = ""] = (await jobs.replays(messageIds)).flatMap((count, index) =>
      count === 1 ? [messageIds[index]] : [],
    );
    await jobs.attempt(canary, { status: 410 });
    await jobs.run();

    await jobs.post(`/v1/jobs/${jobId}/resume`);
    await jobs.run(2);

    expect((await jobs.replays(messageIds)).filter(Boolean)).toHaveLength(2);
    expect((await jobs.read(jobId)).status).toBe("RUNNING");
  });
});

describe("A job that cancels", () => {
  test("cancels what is unfinished, and asks the holder of an attempt to stop", async () => {
    const filter = sinceNow();
    const waiting = await jobs.many(2, () => jobs.submitted());
    const scheduled = await jobs.many(1, () =>
      jobs.submitted({ deliverAt: iso(service.now() + 24 * hourMs) }),
    );
    const ended = await jobs.many(1);
    const { jobId } = await jobs.job({ action: "cancel", filter });

    await jobs.run(2);

    expect(await jobs.statuses([...waiting, ...scheduled, ...ended])).toEqual([
      ...times(3, "CANCELLED"),
      "FAILED",
    ]);
    expect(await jobs.read(jobId)).toMatchObject({
      ...{ status: "DONE", progress: { done: 3, failed: 0, left: 0 } },
    });
  });

  test("leaves messages alone that were submitted after it was made", async () => {
    const filter = sinceNow();
    await jobs.job({ action: "cancel", filter });
    service.advance(1);
    const [messageId = ""] = await jobs.many(1, () => jobs.submitted());

    await jobs.run(2);

    expect(await jobs.statuses([messageId])).toEqual(["QUEUED"]);
  });

  test("of one status leaves messages of another one alone", async () => {
    const filter = { ...sinceNow(), status: "PENDING" };
    const [queued = ""] = await jobs.many(1, () => jobs.submitted());
    const [pending = ""] = await jobs.many(1, () =>
      jobs.submitted({ deliverAt: iso(service.now() + 24 * hourMs) }),
    );
    await jobs.job({ action: "cancel", filter });

    await jobs.run(2);

    expect(await jobs.statuses([queued, pending])).toEqual(["QUEUED", "CANCELLED"]);
  });
});

describe("A plan", () => {
  test("says how many messages, where to, what it costs and how long, and does nothing", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);

    const { status, json } = await jobs.post("/v1/jobs", {
      ...{ action: "replay", filter, planOnly: true, ratePerSecond: 2 },
    });
    await jobs.run();

    const { token: _, groups, ...plan } = json.plan;
    expect([status, Object.keys(json)]).toEqual([200, ["plan"]]);
    // Of each: its entry, the replay with two indexes, the record, and its failed attempt.
    const writeUnits = 3 * (1 + 3 + 1 + 1);
    expect(plan).toEqual({
      ...{ count: 3, isExact: true, writeUnits, seconds: 2, plannedAt: expect.any(String) },
    });
    expect(groups).toEqual([{ key: expect.stringMatching(/^127\.0\.0\.1:\d+$/), count: 3 }]);
    expect(await jobs.replays(messageIds)).toEqual(times(3, 0));
  });

  const planned = async (body: object) =>
    (await jobs.post("/v1/jobs", { ...body, planOnly: true })).json.plan.token;

  test("makes one job, however often it is asked for, of the messages that it counted", async () => {
    const asked = { action: "replay", filter: sinceNow(), canary: false };
    const [counted = ""] = await jobs.many(1);
    const plan = await planned(asked);
    service.advance(secondMs);
    const [later = ""] = await jobs.many(1);

    const first = await jobs.post("/v1/jobs", { ...asked, plan });
    const second = await jobs.post("/v1/jobs", { ...asked, plan });
    await jobs.run(2);

    expect([first.status, first.json.duplicate]).toEqual([202, false]);
    expect([second.status, second.json]).toEqual([202, { ...first.json, duplicate: true }]);
    expect(await jobs.replays([counted, later])).toEqual([1, 0]);
  });

  test("that is older than 15 minutes is refused", async () => {
    const asked = { action: "replay", filter: sinceNow() };
    const plan = await planned(asked);
    service.advance(15 * minuteMs + 1);

    const { status, json } = await jobs.post("/v1/jobs", { ...asked, plan });

    expect([status, json.code, json.detail]).toEqual([
      409,
      "PLAN_EXPIRED",
      "The plan is more than 15 minutes old. Ask for a new one with planOnly.",
    ]);
  });

  test("whose job is there is answered with it, however old the plan is", async () => {
    const asked = { action: "replay", filter: sinceNow(), canary: false };
    const plan = await planned(asked);
    const { json } = await jobs.post("/v1/jobs", { ...asked, plan });
    service.advance(hourMs);

    const again = await jobs.post("/v1/jobs", { ...asked, plan });

    expect([again.status, again.json.jobId, again.json.duplicate]).toEqual([202, json.jobId, true]);
  });

  test.each([
    ["rate", { ratePerSecond: 50 }],
    ["canary", { canary: { failShareMax: 0.1 } }],
  ])("makes no second job with another %s", async (_name, other) => {
    const asked = { action: "replay", filter: sinceNow(), canary: false };
    const plan = await planned(asked);
    await jobs.post("/v1/jobs", { ...asked, plan });

    const { status, json } = await jobs.post("/v1/jobs", { ...asked, plan, ...other });

    expect([status, json.code]).toEqual([409, "JOB_CONFLICT"]);
  });

  test.each([
    ["another action", () => ({ action: "cancel", filter: {} })],
    ["another filter", () => ({ action: "replay", filter: { reason: "gone" } })],
    ["other attempts", () => ({ action: "replay", filter: {}, attempts: 3 })],
  ])("of %s is refused", async (_name, other) => {
    const plan = await planned({ action: "replay", filter: {} });

    const { status, json } = await jobs.post("/v1/jobs", { ...other(), plan });

    expect([status, json.issues]).toEqual([
      400,
      [
        {
          path: ["plan"],
          message: "is no plan for this action and filter: ask for one with planOnly",
        },
      ],
    ]);
  });

  test("of another sender is refused as one that was made up", async () => {
    const asked = { action: "replay", filter: {} };
    const plan = await planned(asked);
    const other = await service.senderWithKey("other-planner");

    const foreign = await jobs.post("/v1/jobs", { ...asked, plan }, other);
    const madeUp = await jobs.post("/v1/jobs", { ...asked, plan: "made-up" }, other);

    expect([foreign.status, foreign.text]).toEqual([400, madeUp.text]);
  });
});

describe("A person", () => {
  test("pauses a job, and resumes it", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });

    const paused = await jobs.post(`/v1/jobs/${jobId}/pause`);
    await jobs.run(3);
    const meanwhile = (await jobs.read(jobId)).progress;
    const resumed = await jobs.post(`/v1/jobs/${jobId}/resume`);
    await jobs.run(3);

    expect([paused.status, paused.json.status, paused.json.canDo]).toEqual([
      ...[200, "PAUSED"],
      ["resume", "cancel"],
    ]);
    expect(meanwhile).toMatchObject({ done: 0, failed: 0, left: 3 });
    expect([resumed.status, resumed.json.status]).toEqual([200, "RUNNING"]);
    expect(await jobs.replays(messageIds)).toEqual(times(3, 1));
    const { changes } = await jobs.read(jobId);
    expect(changes.map(({ verb }: { verb: string }) => verb)).toEqual(["pause", "resume"]);
    expect(changes[0].by).toEqual({ keyId: expect.any(String) });
  });

  test("cancels a job, and nothing more is done", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });

    const { status, json } = await jobs.post(`/v1/jobs/${jobId}/cancel`);
    await jobs.run(2);

    expect([status, json.status, json.endedAt]).toEqual([200, "CANCELLED", expect.any(String)]);
    expect(await jobs.replays(messageIds)).toEqual([0, 0]);
  });

  test("who does the same again changes nothing", async () => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });
    const first = await jobs.post(`/v1/jobs/${jobId}/pause`);
    service.advance(secondMs);

    const second = await jobs.post(`/v1/jobs/${jobId}/pause`);

    expect([second.status, second.text]).toEqual([200, first.text]);
  });

  test.each(["pause", "resume"])("cannot %s a job that has ended", async (verb) => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });
    await jobs.post(`/v1/jobs/${jobId}/cancel`);

    const { status, json } = await jobs.post(`/v1/jobs/${jobId}/${verb}`);

    expect([status, json.code, json.jobStatus, json.detail]).toEqual([
      ...[409, "INVALID_STATE", "CANCELLED"],
      `The job is CANCELLED: it cannot ${verb}.`,
    ]);
  });

  test("sees jobs of the own sender only, page by page, the newest first", async () => {
    const key = await service.senderWithKey("lister");
    const made: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      service.advance(secondMs);
      const body = { action: "cancel", filter: {} };
      made.unshift((await jobs.post("/v1/jobs", body, key)).json.jobId);
    }
    const page = async (query: string) => {
      const { json } = await service.request(`/v1/jobs?${query}`, {}, key);
      return {
        ids: json.items.map(({ jobId }: { jobId: string }) => jobId),
        next: json.nextCursor,
      };
    };

    const first = await page("limit=2");
    const second = await page(`limit=2&cursor=${first.next}`);

    expect([...first.ids, ...second.ids]).toEqual(made);
    expect(second.next).toBeNull();
    const foreign = await service.request(`/v1/jobs?cursor=${first.next}`);
    expect([foreign.status, foreign.json.issues[0].path]).toEqual([400, ["cursor"]]);
  });

  test("cannot see or change a job of another sender, nor tell it from a missing one", async () => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });
    const other = await service.senderWithKey("other-jobs");
    const missing = await service.request("/v1/jobs/0mf3k2a9c-none", {}, other);

    const answers = [
      await service.request(`/v1/jobs/${jobId}`, {}, other),
      ...(await Promise.all(
        ["pause", "resume", "cancel"].map((verb) =>
          jobs.post(`/v1/jobs/${jobId}/${verb}`, undefined, other),
        ),
      )),
      await service.request("/v1/jobs/no%23id", {}, other),
    ];

    expect(answers.map(({ status, text }) => [status, text])).toEqual(
      times(5, [404, missing.text]),
    );
    expect((await jobs.read(jobId)).status).toBe("RUNNING");
  });

  test("who may only read makes no job", async () => {
    const scopes = ["messages:read"] as const;
    const key = await service.senderWithKey("reader-of-jobs", { scopes });

    const { status, json } = await jobs.post("/v1/jobs", { action: "cancel", filter: {} }, key);

    expect([status, json.code]).toEqual([403, "FORBIDDEN"]);
  });
});

test.each([
  ["nothing", {}, [["action"], ["filter"]]],
  ["no filter", { action: "cancel" }, [["filter"]]],
  ["an unknown action", { action: "erase", filter: {} }, [["action"]]],
  ["an unknown member", { action: "cancel", filter: {}, all: true }, [["all"]]],
  ["an unknown member of the filter", { action: "cancel", filter: { id: 1 } }, [["filter", "id"]]],
  [
    "times that are none, or in the wrong order",
    { action: "replay", filter: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" } },
    [["filter", "to"]],
  ],
  [
    "a replay of unfinished messages",
    { action: "replay", filter: { status: "unfinished" } },
    [["filter", "status"]],
  ],
  [
    "a cancel of messages that FAILED, by their reason",
    { action: "cancel", filter: { reason: "gone" } },
    [["filter", "reason"]],
  ],
  [
    "a cancel with canaries and attempts",
    { action: "cancel", filter: {}, canary: false, attempts: 3 },
    [["canary"], ["attempts"]],
  ],
  [
    "rates and shares out of bounds",
    { action: "replay", filter: {}, ratePerSecond: 101, canary: { failShareMax: 2 } },
    [["ratePerSecond"], ["canary", "failShareMax"]],
  ],
  ["a plan and planOnly", { action: "replay", filter: {}, plan: "x", planOnly: true }, [["plan"]]],
])("A request with %s is told every fault, and makes no job", async (_name, body, paths) => {
  const { status, json } = await jobs.post("/v1/jobs", body);

  expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
  expect(json.issues.map(({ path }: { path: string[] }) => path)).toEqual(paths);
});

describe("Without an index of all messages", () => {
  const sparse = useService({ listAll: false });
  const make = (body: object) =>
    sparse.request("/v1/jobs", {
      ...{ method: "POST", body: JSON.stringify(body) },
      headers: { "content-type": "application/json" },
    });

  test.each(["CANCELLED", "COMPLETED"])(
    "%s messages cannot be replayed by a job",
    async (status) => {
      const { status: code, json } = await make({ action: "replay", filter: { status } });

      expect([code, json.issues[0].path]).toEqual([400, ["filter", "status"]]);
    },
  );

  test("what FAILED can be replayed, and what is unfinished cancelled", async () => {
    expect((await make({ action: "replay", filter: {} })).status).toBe(202);
    expect((await make({ action: "cancel", filter: {} })).status).toBe(202);
  });
});
