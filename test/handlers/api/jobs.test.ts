/** Jobs: one action on every message that matches a filter, planned first. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { messageEntity } from "../../../entities/described/message.ts";
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

  test("keeps the time at which a cancelled message was to be delivered", async () => {
    const filter = { ...sinceNow(), status: "CANCELLED" };
    const deliverAt = service.now() + 24 * hourMs;
    const [messageId = ""] = await jobs.many(1, () =>
      jobs.submitted({ deliverAt: iso(deliverAt) }),
    );
    await jobs.post(`/v1/messages/${messageId}/cancel`);
    service.advance(1);
    await jobs.job({ action: "replay", filter, canary: false });

    await jobs.run(2);

    expect(await service.get(messageId)).toMatchObject({ status: "PENDING", notBefore: deliverAt });
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

  test("writes each entry once: it is kept for as long as the replayed message", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    await jobs.job({ action: "replay", filter, canary: false });
    service.advance(hourMs);
    const updates = () =>
      service.faults
        .inputs("UpdateItem")
        .filter((input) => JSON.stringify(input).includes(`_${messageId}"`)).length;
    const before = updates();

    await service.dispatch();

    // The failed attempt is kept for longer, and the message replayed and queued.
    expect(updates() - before).toBe(3);
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

  test("that failed again by a clock that is behind is not replayed again", async () => {
    const filter = sinceNow();
    service.advance(hourMs);
    const [older = "", newest = ""] = await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: { failShareMax: 1 } });
    await service.dispatch();
    // Of the worker: by it the canary failed before the other one, and so it is listed once more.
    service.advance(-3 * secondMs);
    await jobs.attempt(newest, { status: 410 });
    service.advance(10 * secondMs);

    await jobs.run(4);

    expect(await jobs.replays([older, newest])).toEqual([1, 1]);
    expect((await jobs.read(jobId)).status).toBe("RUNNING");
    await jobs.attempt(older, { status: 200 });
    await jobs.run(4);
    expect(await jobs.replays([older, newest])).toEqual([1, 1]);
    expect((await jobs.read(jobId)).status).toBe("DONE");
  });

  test("that was erased is not in the plan", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    await service.request(`/v1/messages/${messageId}`, { method: "DELETE" });
    const body = { action: "replay", filter, planOnly: true };

    expect((await jobs.post("/v1/jobs", body)).json.plan.count).toBe(0);
  });
});

describe("A run of a job", () => {
  const runsOf = (jobId: string) =>
    service.linesOf("job").filter((line) => line.jobId === jobId && line.verb === undefined);

  test("whose writes have lost their answers goes on: they are its own", async () => {
    const filter = sinceNow();
    await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
    const error = awsError("InternalServerError", 500);
    for (let writes = 0; writes < 3; writes += 1)
      service.faults.inject({
        ...{ command: "PutItem", when: "after", error, times: 1 },
        on: ({ Item: item }) => JSON.stringify(item).includes(`"${jobId}"`),
      });

    await service.dispatch();

    expect((await jobs.read(jobId)).status).toBe("DONE");
  });

  test("that the index sent to a job which has moved on leaves it", async () => {
    const filter = sinceNow();
    await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter });
    // Another run does what there is to do, and waits for the canary.
    service.faults.before("GetItem", () => service.dispatch());

    await service.dispatch();

    expect(runsOf(jobId)).toHaveLength(1);
  });

  test("takes no message where the job was paused since the index was read", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(2);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
    service.faults.before("GetItem", () => jobs.post(`/v1/jobs/${jobId}/pause`));

    await service.dispatch();

    expect((await jobs.read(jobId)).status).toBe("PAUSED");
    expect(await jobs.replays(messageIds)).toEqual([0, 0]);
  });

  test("takes no message once its time is over, and the next run goes on", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(2);
    await jobs.job({ action: "replay", filter, canary: false });
    service.faults.before("PutItem", async () => service.advance(limits.jobRunMsMax));

    await service.dispatch();
    const first = await jobs.replays(messageIds);
    service.advance(minuteMs);
    await service.dispatch();

    expect([first, await jobs.replays(messageIds)]).toEqual([times(2, 0), times(2, 1)]);
  });

  test("finds a message that the index did not show at the first reading", async () => {
    const filter = sinceNow();
    const messageIds = await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
    const late = messageIds[1];
    const withoutLate = ({ Items: items = [] }: { Items?: readonly object[] }) => ({
      Items: items.filter((item) => !JSON.stringify(item).includes(`_${late}"`)),
    });
    // Two shards of what is due, and two of what has failed.
    for (let queries = 0; queries < 4; queries += 1) service.faults.alter("Query", withoutLate);

    await service.dispatch();

    expect(await jobs.replays(messageIds)).toEqual([1, 1, 1]);
    expect((await jobs.read(jobId)).progress.done).toBe(3);
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
