/** Requests to jobs: plans, what a person may do with a job, and faults. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { awsError } from "../../support/faults.ts";
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

  test("has a line of its own in the log, and a job that is made has another one", async () => {
    const before = service.linesOf("job").length;
    await jobs.post("/v1/jobs", { action: "cancel", filter: {}, planOnly: true });
    const { jobId } = await jobs.job({ action: "cancel", filter: {} });
    await jobs.post("/v1/jobs", { action: "cancel" });

    const lines = service.linesOf("job").slice(before);

    expect(lines.map((line) => [line.verb, line.jobId, line.problem])).toEqual([
      ["plan", undefined, undefined],
      ["create", jobId, undefined],
      ["create", undefined, "VALIDATION_ERROR"],
    ]);
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

  test("whose job was stored, but not answered in time, makes that one and no duplicate", async () => {
    const asked = { action: "replay", filter: sinceNow() };
    const plan = await planned(asked);
    const error = awsError("InternalServerError", 500);
    service.faults.inject({ command: "PutItem", when: "after", error, times: 1 });

    const { status, json } = await jobs.post("/v1/jobs", { ...asked, plan });

    expect([status, json.duplicate]).toEqual([202, false]);
  });

  test("that is older than 15 minutes is refused", async () => {
    const asked = { action: "replay", filter: sinceNow() };
    const plan = await planned(asked);
    service.advance(15 * minuteMs + 1);

    const { status, json } = await jobs.post("/v1/jobs", { ...asked, plan });

    expect([status, json.code, json.detail]).toEqual([
      409,
      "PLAN_EXPIRED",
      "The plan is more than 15 minutes old. Request a new one with planOnly.",
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
          message: "is not a plan for this action and filter: request one with planOnly",
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

  test("is named by key and address where a job was made and changed", async () => {
    const ask = (path: string, body?: object) =>
      service.api.fetch(
        new Request(`http://postrider.example.com/v1/jobs${path}`, {
          ...{ method: "POST", body: JSON.stringify(body ?? {}) },
          headers: {
            authorization: `Bearer ${service.apiKey}`,
            ...{ "content-type": "application/json", "x-forwarded-for": "203.0.113.1" },
          },
        }),
        { address: "192.0.2.7" },
      );
    const made = await ask("", { action: "cancel", filter: sinceNow() });
    const { jobId } = (await made.json()) as { readonly jobId: string };
    await ask(`/${jobId}/pause`);

    const { by, changes } = await jobs.read(jobId);

    const who = { keyId: expect.stringMatching(/^[\w-]{12}$/), address: "192.0.2.7" };
    expect([by, changes[0].by]).toEqual([who, who]);
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
