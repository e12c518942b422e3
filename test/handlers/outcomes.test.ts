/** How attempts end is counted by the worker, and read through the API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { limits } from "../../domain/limits.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { awsError } from "../support/faults.ts";
import { type Answer, openReceiver } from "../support/receiver.ts";
import { aRequest, openService, sqsRecord, start, useService } from "../support/service.ts";

const service = useService();
const keys: Record<string, string> = {};
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let answer: Answer = { status: 200 };
let ids = 0;
const dayMs = 86_400_000;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
});
afterAll(() => receiver.close());
// Each test counts in buckets of its own, and the day before it has none.
beforeEach(() => service.advance(2 * dayMs));

const iso = (ms: number): string => new Date(ms).toISOString();
const keyOf = async (senderId: string): Promise<string> => {
  keys[senderId] ??= senderId === "shop" ? service.apiKey : await service.senderWithKey(senderId);
  return keys[senderId];
};

/** Submits a message; its first record. */
const submitted = async (members: object = {}, senderId = "shop"): Promise<DeliveryRecord> => {
  const messageId = `outcome-${++ids}`;
  const message = aRequest({ messageId, senderId, targetUrl: `${receiver.url}/hook`, ...members });
  const { status } = await service.submit(message, await keyOf(senderId));
  expect(status).toBe(202);
  return { v: 1, senderId, messageId, attempt: 1 };
};
const work = (given: Answer, ...records: readonly DeliveryRecord[]) => {
  answer = given;
  return service.work(...records);
};
const outcomes = async (query = "", senderId = "shop") =>
  (await service.request(`/v1/outcomes${query}`, {}, await keyOf(senderId))).json;
/** The writes to counts so far. */
const counting = () =>
  service.faults
    .inputs("UpdateItem")
    .filter((input) => JSON.stringify(input["Key"]).includes("$outcomes_"));
const isCounting = (input: Record<string, unknown>) =>
  JSON.stringify(input["Key"]).includes("$outcomes_");
const none = { completed: 0, failed: 0, retried: 0 };

describe("A batch", () => {
  test("is counted by one write for each of its senders, whatever came of its messages", async () => {
    const before = counting().length;
    const fine = await Promise.all([submitted(), submitted(), submitted({}, "other")]);
    await work({ status: 200 }, ...fine);
    await work({ status: 410 }, await submitted(), await submitted({}, "other"));
    await work({ status: 503 }, await submitted());

    expect(counting().length - before).toBe(5);
    expect((await outcomes()).total).toEqual({ completed: 2, failed: 1, retried: 1 });
    expect((await outcomes("", "other")).total).toEqual({ completed: 1, failed: 1, retried: 0 });
  });

  test("a batch without attempts writes no counts", async () => {
    const record = await submitted();
    await work({ status: 200 }, record);
    const before = counting().length;

    await work({ status: 200 }, record);

    expect(counting().length).toBe(before);
    expect((await outcomes()).total).toEqual({ ...none, completed: 1 });
  });

  test("a batch whose counts cannot be written logs one failure, and no record comes back", async () => {
    const records = [await submitted(), await submitted({}, "other")];
    const error = awsError("InternalServerError", 500);
    service.faults.inject({ command: "UpdateItem", when: "before", error, on: isCounting });
    service.failures.length = 0;

    const response = await work({ status: 200 }, ...records);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(service.failures.map(({ what, fields }) => [what, fields])).toEqual([
      ["outcomes not counted", { senders: 2 }],
    ]);
    expect((await outcomes()).total).toEqual(none);
  });

  test("a worker that dies before counting loses the counts of its batch, and nothing else", async () => {
    const record = await submitted();
    const error = awsError("Crash");
    service.faults.inject({ command: "UpdateItem", when: "before", error, on: isCounting });
    await work({ status: 200 }, record);
    service.faults.clear();

    // Its record was not deleted, and comes again.
    await work({ status: 200 }, record);

    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED", attempts: 1 });
    expect(receiver.of(record.messageId)).toHaveLength(1);
    expect((await outcomes()).total).toEqual(none);
  });

  test("is not counted if the process may be stopped before the write has ended", async () => {
    const before = counting().length;
    const record = await submitted();
    const times = [25_000, 6999];
    const context = { getRemainingTimeInMillis: () => times.shift() ?? 0 };

    await service.worker({ Records: [sqsRecord(JSON.stringify(record))] }, context);

    expect(await service.get(record.messageId)).toMatchObject({ status: "COMPLETED" });
    expect(counting().length).toBe(before);
  });

  test("is counted until some days later, when its counts expire", async () => {
    await work({ status: 200 }, await submitted());

    const [write] = counting().slice(-1);
    const ttl = Math.floor(service.now() / 1000) + limits.outcomesKeptDays * 86_400;
    expect(JSON.stringify(write?.["ExpressionAttributeValues"])).toContain(`{"N":"${ttl}"}`);
  });
});

describe("The answer", () => {
  test("has a bucket for each five minutes of the last day, and the counts in their own", async () => {
    await work({ status: 200 }, await submitted());
    const at = service.now();
    service.advance(3_600_000);

    const { buckets, isAbout } = await outcomes();

    expect([buckets.length, isAbout]).toEqual([289, true]);
    expect(buckets.at(-1)).toEqual({
      from: iso(service.now()),
      to: iso(service.now() + 300_000),
      ...none,
    });
    expect(buckets.filter(({ completed }: { completed: number }) => completed > 0)).toEqual([
      { from: iso(at), to: iso(at + 300_000), ...none, completed: 1 },
    ]);
  });

  test("says how long deliveries took, and from deliverAt on if there is one", async () => {
    const late = await submitted();
    const deliverAt = iso(service.now() + 3_600_000);
    const scheduled = await submitted({ deliverAt });
    service.advance(40_000);
    await work({ status: 200 }, late);
    service.advance(3_600_000 - 40_000);
    await work({ status: 200 }, scheduled);

    const { accept, delivery, exchange } = await outcomes();

    // That of the one which the dispatcher puts on the queue in an hour is not known.
    expect(accept).toEqual({ p50Ms: 5, p95Ms: 10 });
    expect(delivery).toEqual({ p50Ms: 10, p95Ms: expect.any(Number) });
    expect(delivery.p95Ms).toBeGreaterThan(30_000);
    expect(delivery.p95Ms).toBeLessThanOrEqual(60_000);
    expect(exchange).toEqual({ p50Ms: expect.any(Number), p95Ms: expect.any(Number) });
  });

  test("has no durations where nothing was delivered", async () => {
    expect(await outcomes()).toMatchObject({ total: none, accept: {}, delivery: {}, exchange: {} });
  });

  test("has buckets of an hour for more than a day, and the whole week at most", async () => {
    await work({ status: 503 }, await submitted());
    const from = iso(service.now() - limits.outcomesDaysMax * dayMs);

    const { buckets, total } = await outcomes(`?from=${from}`);

    expect(buckets).toHaveLength(limits.outcomesDaysMax * 24 + 1);
    expect(buckets.at(-1)).toEqual({
      ...{ from: iso(service.now()), to: iso(service.now() + 3_600_000) },
      ...{ ...none, retried: 1 },
    });
    expect(total.retried).toBe(1);
  });

  test.each([
    ["from=yesterday", [["from"]]],
    [`from=${iso(start - 30 * dayMs)}`, [["from"]]],
    ["from=2999-01-01T00:00:00Z", [["from"]]],
    [`to=${iso(start - 30 * dayMs)}&step=1h`, [["to"], ["step"]]],
  ])("to %j is a refusal that names each fault", async (query, paths) => {
    const { status, json } = await service.request(`/v1/outcomes?${query}`);

    expect([status, json.code]).toEqual([400, "VALIDATION_ERROR"]);
    const named = json.issues.map(({ path }: { path: string[] }) => path);
    expect(named.toSorted()).toEqual(paths.toSorted());
  });

  test("a range that ends before it begins is refused", async () => {
    const [from, to] = [iso(service.now() - dayMs), iso(service.now() - 2 * dayMs)];
    const { json } = await service.request(`/v1/outcomes?from=${from}&to=${to}`);

    expect(json.issues).toEqual([{ path: ["to"], message: "must be later than from" }]);
  });
});

test("Where outcomes are not to be counted nothing is written, and the answer is 404", async () => {
  answer = { status: 200 };
  const without = await openService({ countOutcomes: false });
  try {
    const message = aRequest({ targetUrl: `${receiver.url}/hook` });
    await without.submit(message);
    await without.work(...without.queued());
    const { status, json } = await without.request("/v1/outcomes");

    expect(await without.get("order-1")).toMatchObject({ status: "COMPLETED" });
    expect(without.faults.inputs("UpdateItem").filter(isCounting)).toEqual([]);
    expect([status, json.detail]).toEqual([
      404,
      "This deployment does not count outcomes (POSTRIDER_COUNT_OUTCOMES).",
    ]);
  } finally {
    await without.close();
  }
});
