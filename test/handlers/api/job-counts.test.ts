/** What came of the messages of a job, and how many a plan counts. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { limits } from "../../../domain/limits.ts";
import { messageEntity } from "../../../entities/described/message.ts";
import { jobStore } from "../../../entities/job.ts";
import { messageListStore } from "../../../entities/message-list.ts";
import { planJob } from "../../../handlers/jobs/plan-job.ts";
import { jobsOn } from "../../support/jobs.ts";
import { options, useService } from "../../support/service.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const service = useService();
const jobs = jobsOn(service);
beforeAll(() => jobs.open());
beforeEach(() => service.advance(hourMs));
afterAll(() => jobs.close());

const sinceNow = () => ({ from: new Date(service.now()).toISOString() });
const none = { PENDING: 0, QUEUED: 0, PROCESSING: 0, COMPLETED: 0, FAILED: 0, CANCELLED: 0 };
const counts = (jobId: string, query = "") => service.request(`/v1/jobs/${jobId}/counts${query}`);

/** Messages that FAILED, and a job that has replayed them. */
const replayed = async (count: number) => {
  const filter = sinceNow();
  const messageIds = await jobs.many(count);
  const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
  await jobs.run();
  return { messageIds, jobId };
};

describe("The counts of a job", () => {
  test("say how many of its messages are in which state now", async () => {
    const { messageIds, jobId } = await replayed(5);
    const [delivered = "", failed = "", cancelled = "", waiting = ""] = messageIds;
    await jobs.attempt(delivered, { status: 200 });
    await jobs.attempt(failed, { status: 410 });
    await jobs.post(`/v1/messages/${cancelled}/cancel`);
    await jobs.attempt(waiting, { status: 503 });

    const { status, json } = await counts(jobId);

    const byStatus = { ...none, COMPLETED: 1, FAILED: 1, CANCELLED: 1, QUEUED: 2 };
    expect([status, json]).toEqual([200, { counted: 5, byStatus, expired: 0, nextCursor: null }]);
  });

  test("are 0 before it has begun", async () => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });

    expect((await counts(jobId)).json).toEqual({
      ...{ counted: 0, byStatus: none, expired: 0, nextCursor: null },
    });
  });

  test("include a message for which it came too late", async () => {
    const filter = sinceNow();
    const [messageId = ""] = await jobs.many(1);
    const { jobId } = await jobs.job({ action: "replay", filter, canary: false });
    service.faults.before("PutItem", async () => undefined);
    service.faults.before("PutItem", () => jobs.post(`/v1/messages/${messageId}/replay`));

    await jobs.run();

    expect((await jobs.read(jobId)).progress).toMatchObject({ done: 0, failed: 1 });
    expect((await counts(jobId)).json).toMatchObject({
      ...{ counted: 1, byStatus: { ...none, QUEUED: 1 } },
    });
  });

  test("include a canary", async () => {
    const filter = sinceNow();
    await jobs.many(3);
    const { jobId } = await jobs.job({ action: "replay", filter });

    await jobs.run();

    expect((await counts(jobId)).json).toMatchObject({ counted: 1 });
  });

  test("say that messages have expired, also where another one has taken the id", async () => {
    const { messageIds, jobId } = await replayed(3);
    const [gone = "", over = "", taken = ""] = messageIds;
    const entity = messageEntity(service.storage);
    await entity.delete({ senderId: "shop", messageId: gone }).go();
    const past = Math.floor((service.now() - dayMs) / 1000);
    await entity.patch({ senderId: "shop", messageId: over }).set({ ttl: past }).go();
    await entity.delete({ senderId: "shop", messageId: taken }).go();
    await jobs.submitted({ messageId: taken });

    expect((await counts(jobId)).json).toMatchObject({
      ...{ counted: 3, byStatus: none, expired: 3 },
    });
  });

  test("come a thousand at a time, each message once", async () => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });
    const store = jobStore(service.storage);
    const job = await store.get({ senderId: "shop", jobId }, service.now());
    if (!job) throw new Error("There is no such job");
    const batches = limits.jobCountedMax / limits.jobBatchMax + 1;
    for (let takenAs = 1; takenAs <= batches; takenAs += 1) {
      const batch = Array.from({ length: limits.jobBatchMax }, (_, at) => `m-${takenAs}-${at}`);
      await store.keepBatch({ ...job, takenAs, batch });
    }

    const first = await counts(jobId);
    const second = await counts(jobId, `?cursor=${first.json.nextCursor}`);

    expect([first.json.counted, second.json.counted, second.json.nextCursor]).toEqual([
      ...[limits.jobCountedMax, limits.jobBatchMax, null],
    ]);
  });

  test.each(["limit=5", "cursor=made-up", "cursor="])("refuse the query %s", async (query) => {
    const { jobId } = await jobs.job({ action: "cancel", filter: sinceNow() });

    const { status, json } = await counts(jobId, `?${query}`);

    expect([status, json.code, json.issues[0].path]).toEqual([
      ...[400, "VALIDATION_ERROR"],
      [query.split("=")[0]],
    ]);
  });

  test("refuse the cursor of another job", async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(() => jobs.job({ action: "cancel", filter: sinceNow() })),
    );
    const store = jobStore(service.storage);
    const job = await store.get({ senderId: "shop", jobId: one.jobId }, service.now());
    if (!job) throw new Error("There is no such job");
    for (let takenAs = 1; takenAs <= 11; takenAs += 1)
      await store.keepBatch({ ...job, takenAs, batch: ["m"] });
    const { nextCursor } = (await counts(one.jobId)).json;

    const { status, json } = await counts(other.jobId, `?cursor=${nextCursor}`);

    expect([status, json.issues[0].path]).toEqual([400, ["cursor"]]);
  });

  test("are not given while the table does not read all of them", async () => {
    const { jobId } = await replayed(2);
    for (let reads = 0; reads < 3; reads += 1)
      service.faults.alter("BatchGetItem", ({ Responses }: { Responses?: object }) => ({
        Responses: Object.fromEntries(Object.keys(Responses ?? {}).map((name) => [name, []])),
        UnprocessedKeys: Object.fromEntries(
          Object.keys(Responses ?? {}).map((name) => [
            name,
            { Keys: [{ pk: { S: "one" }, sk: { S: "two" } }] },
          ]),
        ),
      }));

    const { status, json } = await counts(jobId);

    expect([status, json.code]).toEqual([503, "SYSTEM_ERROR"]);
  });
});

test("A batch that is kept again, as after a crash, stays as it was", async () => {
  const { jobId } = await replayed(2);
  const store = jobStore(service.storage);
  const { items } = await store.batchesOf({ senderId: "shop", jobId }, { after: null, limit: 9 });
  const job = await store.get({ senderId: "shop", jobId }, service.now());

  await store.keepBatch({ ...(job as NonNullable<typeof job>), batch: [] });

  const again = await store.batchesOf({ senderId: "shop", jobId }, { after: null, limit: 9 });
  expect([items.flat().length, again.items]).toEqual([2, items]);
});

describe("A plan counts", () => {
  const bounds = { examinedMax: 20, pageMax: 10 };
  const plan = async (count: number) => {
    // The message that is copied is before them.
    const filter = { from: service.now() + 1 };
    await jobs.stored(count);
    service.advance(1);
    const deps = { lists: messageListStore(service.storage), shards: options.shards };
    const job = { senderId: "shop", action: "replay", filter, before: service.now() } as const;
    return (await planJob(deps, job, bounds)).plan;
  };

  test("exactly, up to the messages that it may examine", async () => {
    expect(await plan(20)).toMatchObject({ count: 20, isExact: true });
  });

  test("at least so many where there are more, and says so", async () => {
    expect(await plan(21)).toMatchObject({ count: 20, isExact: false });
  });
});
