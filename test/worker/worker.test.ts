/** A worker of one's own has the promises of Postrider's: one holder, one settling, nothing lost. */
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Claimed, Settled } from "../../worker/claimed.ts";
import { awsError } from "../support/faults.ts";
import { aRequest, openService, type Service } from "../support/service.ts";
import { ownWorkerOf } from "./own.ts";

let service: Service;
let own: ReturnType<typeof ownWorkerOf>;
beforeEach(async () => {
  service = await openService();
  own = ownWorkerOf(service);
});
afterEach(() => service.close());

const all = { batchItemFailures: [] };
const record = { v: 1, senderId: "shop", messageId: "order-1", attempt: 1 } as const;
const submit = (more: Readonly<Record<string, unknown>> = {}) => service.submit(aRequest(more));
const get = () => service.get("order-1");
const complete = (claimed: Claimed) => claimed.complete();
/** Runs work over a record, and returns what it was given and what it settled. */
const workOn = async (
  work: (claimed: Claimed) => Promise<Settled>,
  records: readonly unknown[] = [record],
) => {
  const seen: Claimed[] = [];
  const settled: Settled[] = [];
  const response = await own.run(async (claimed) => {
    seen.push(claimed);
    const one = await work(claimed);
    settled.push(one);
    return one;
  }, records);
  return { seen, settled, response };
};

describe("Work", () => {
  test("gets the message as it was sent, and completes it", async () => {
    await submit({ body: { order: 1 }, headers: { "x-kind": "order" } });

    const { seen, settled, response } = await workOn(complete);

    const [claimed] = seen;
    expect(response).toEqual(all);
    expect(claimed?.json()).toEqual({ order: 1 });
    expect(claimed?.headers()).toEqual({ "x-kind": "order" });
    expect(claimed?.id).toMatch(/^msg_/);
    expect(claimed?.message).toMatchObject({ status: "PROCESSING", attempts: 1 });
    expect(settled).toEqual([{ kind: "settled", status: "COMPLETED", nextAttemptAt: undefined }]);
    expect(await get()).toMatchObject({
      status: "COMPLETED",
      lastOutcome: { attempt: 1, class: "accepted", status: 200 },
    });
  });

  test("gets a body that is stored apart, byte for byte", async () => {
    const body = "x".repeat(5000);
    await submit({ body });

    const { seen } = await workOn(complete);

    expect(seen[0]?.text()).toBe(body);
    expect(seen[0]?.message.payload).toBe(true);
  });

  test("gets the headers that hand its trace on, or none", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await service.submit(aRequest(), service.apiKey, { traceparent, tracestate: "a=1" });
    await submit({ messageId: "order-2" });

    const { seen } = await workOn(complete, [record, { ...record, messageId: "order-2" }]);

    const tracesBy = Object.fromEntries(
      seen.map(({ message, trace }) => [message.messageId, trace]),
    );
    expect(tracesBy).toEqual({
      "order-1": { traceparent, tracestate: "a=1" },
      "order-2": {},
    });
  });

  test("has as long as a time-out allows, less what the function has left", async () => {
    await submit();
    await submit({ messageId: "order-2", timeoutMs: 2000 });

    const times: number[] = [];
    await own.run(
      async (claimed) => {
        times.push(claimed.remainingMs());
        service.advance(1500);
        times.push(claimed.remainingMs());
        return claimed.complete();
      },
      [record],
    );
    await own.run(
      async (claimed) => {
        times.push(claimed.remainingMs());
        return claimed.complete();
      },
      [{ ...record, messageId: "order-2" }],
    );

    expect(times).toEqual([15_000, 13_500, 2000]);
  });

  test("is not done for a record that is doubled, stale or early", async () => {
    await submit();
    const { seen } = await workOn(complete, [record, record, { ...record, attempt: 2 }]);
    const again = await workOn(complete);

    expect([seen.length, again.seen.length]).toEqual([1, 0]);
    expect(again.response).toEqual(all);
    expect(
      own.lines.filter((line) => JSON.stringify(line).includes("record-dropped")),
    ).toHaveLength(3);
  });

  test("is not done when it is too late for it, or its content is gone", async () => {
    await submit({ giveUpAt: "2026-03-01T12:01:00.000Z" });
    await submit({ messageId: "order-2", body: "x".repeat(5000) });
    const items = await service.table.scan();
    const payload = items.find(({ fingerprint, status }) => fingerprint && !status);
    await service.storage.client.send(
      new DeleteItemCommand({
        TableName: service.storage.table,
        Key: { pk: { S: String(payload?.["pk"]) }, sk: { S: String(payload?.["sk"]) } },
      }),
    );
    service.advance(61_000);

    const { seen } = await workOn(complete, [record, { ...record, messageId: "order-2" }]);

    expect(seen).toEqual([]);
    expect(await get()).toMatchObject({ status: "FAILED", failReason: "too-late" });
    expect(await service.get("order-2")).toMatchObject({ failReason: "payload-missing" });
  });

  test("reads secret headers with the master keys, and says what is missing without", async () => {
    const secret = { headers: { authorization: "Bearer 1" } };
    await submit(secret);
    await submit({ ...secret, messageId: "order-2" });

    const { seen } = await workOn(complete);
    own = ownWorkerOf(service, { vault: undefined });
    const without = await workOn(
      async (claimed) => {
        claimed.headers();
        return claimed.complete();
      },
      [{ ...record, messageId: "order-2" }],
    );

    expect(seen[0]?.headers()).toEqual({ authorization: "Bearer 1" });
    expect(without.response).toEqual(all);
    expect(String(own.failures[0]?.error)).toContain("option masterKeys");
    expect(await service.get("order-2")).toMatchObject({ status: "QUEUED" });
  });
});

describe("A retry", () => {
  test("comes by the schedule, and the history says why", async () => {
    await submit();

    const { settled } = await workOn((claimed) => claimed.retry({ class: "status", status: 429 }));

    const nextAttemptAt = service.now() + 5000;
    expect(settled).toEqual([{ kind: "settled", status: "PENDING", nextAttemptAt }]);
    expect(await get()).toMatchObject({ status: "QUEUED", notBefore: nextAttemptAt });
    expect(service.recordsOf("order-1")).toHaveLength(2);
    const { json } = await service.request("/v1/messages/order-1/attempts");
    expect(json.attempts).toMatchObject([{ outcome: "failed", class: "status", status: 429 }]);
  });

  test("comes later where it is asked to, and never sooner", async () => {
    await submit();
    await submit({ messageId: "order-2" });

    await workOn((claimed) => claimed.retry({ class: "timeout", afterMs: 60_000 }));
    await workOn(
      (claimed) => claimed.retry({ class: "timeout", afterMs: 1 }),
      [{ ...record, messageId: "order-2" }],
    );

    expect(await get()).toMatchObject({ notBefore: service.now() + 60_000 });
    expect(await service.get("order-2")).toMatchObject({ notBefore: service.now() + 5000 });
  });

  test("of the last attempt fails the message", async () => {
    await submit({ retry: { maxAttempts: 1 } });

    const { settled } = await workOn((claimed) => claimed.retry({ class: "reset" }));

    expect(settled).toMatchObject([{ status: "FAILED" }]);
    expect(await get()).toMatchObject({ failReason: "attempts-exhausted" });
  });

  test("of a message that its sender wants cancelled cancels it", async () => {
    await submit();

    const { settled } = await workOn(async (claimed) => {
      await service.request("/v1/messages/order-1/cancel", { method: "POST" });
      return claimed.retry({ class: "reset" });
    });

    expect(settled).toMatchObject([{ status: "CANCELLED" }]);
  });

  test("is left to the dispatcher by a worker without a queue", async () => {
    own = ownWorkerOf(service, { queue: undefined });
    await submit();

    await workOn((claimed) => claimed.retry({ class: "reset" }));

    expect(await get()).toMatchObject({ status: "PENDING" });
    expect(own.failures).toEqual([]);
    service.advance(66_000);
    await service.dispatch();
    expect(await get()).toMatchObject({ status: "QUEUED" });
  });
});

test.each([
  ["gone", { class: "status", status: 410 }],
  ["unsendable", { class: "unsendable" }],
] as const)("A message that is %s has FAILED for that", async (because, lastOutcome) => {
  await submit();

  await workOn((claimed) => claimed.fail(because));

  expect(await get()).toMatchObject({ status: "FAILED", failReason: because, lastOutcome });
});

test("A holder that was overtaken changes nothing", async () => {
  await submit();

  const { settled } = await workOn(async (claimed) => {
    service.advance(71_000);
    await service.dispatch();
    return claimed.complete();
  });

  expect(settled).toEqual([{ kind: "overtaken" }]);
  expect(await get()).toMatchObject({ status: "QUEUED", attempts: 1 });
});

describe("Work that goes wrong", () => {
  test.each([
    ["throws", () => Promise.reject(new Error("of the work")), "of the work"],
    ["settles nothing", async () => undefined as never, "without complete, retry or fail"],
  ])("and %s is told, and tried again: nobody knows what it did", async (_, work, words) => {
    await submit();

    const { response } = await workOn(work);

    expect(response).toEqual(all);
    expect(own.failures).toMatchObject([{ what: "work failed" }]);
    expect(String(own.failures[0]?.error)).toContain(words);
    expect(await get()).toMatchObject({ status: "QUEUED", lastOutcome: { class: "unknown" } });
  });

  test("after it has settled changes nothing any more", async () => {
    await submit();

    const { response } = await workOn(async (claimed) => {
      await claimed.complete();
      expect(await claimed.retry({ class: "reset" })).toMatchObject({ status: "COMPLETED" });
      throw new Error("too late to matter");
    });

    // The record is handled again, and dropped.
    expect(response.batchItemFailures).toHaveLength(1);
    expect(await get()).toMatchObject({ status: "COMPLETED" });
    const { json } = await service.request("/v1/messages/order-1/attempts");
    expect(json.attempts).toMatchObject([{ outcome: "delivered" }]);
  });

  test("may call its verb again when the answer was lost, and another verb does the same", async () => {
    await submit();
    const isCompletion = (input: object) => JSON.stringify(input).includes('"COMPLETED"');
    const error = awsError("Crash");
    const said: unknown[] = [];

    await workOn(async (claimed) => {
      let isDown = false;
      own.faults.inject({ command: "UpdateItem", when: "before", error, on: () => isDown });
      own.faults.inject({
        ...{ command: "UpdateItem", when: "after", error, times: 1 },
        on: (input) => {
          isDown = isCompletion(input);
          return isDown;
        },
      });
      said.push(await claimed.complete().catch(({ name }) => name));
      own.faults.clear();
      return claimed.retry({ class: "reset" });
    });

    expect(said.at(-1)).toBe("Crash");
    expect(await get()).toMatchObject({ status: "COMPLETED" });
    const { json } = await service.request("/v1/messages/order-1/attempts");
    expect(json.attempts).toMatchObject([{ outcome: "delivered" }]);
  });

  test("and calls a verb twice has settled once", async () => {
    await submit();

    await workOn(async (claimed) => {
      const both = await Promise.all([claimed.complete(), claimed.complete()]);
      expect(both[0]).toEqual(both[1]);
      return claimed.complete();
    });

    expect(own.lines).toHaveLength(1);
    const { json } = await service.request("/v1/outcomes");
    expect(json.total).toMatchObject({ completed: 1 });
  });

  test("by what it gives to a verb is told what is wrong", async () => {
    await submit();
    const said: string[] = [];

    await workOn(async (claimed) => {
      for (const wrong of [
        () => claimed.complete(404),
        () => claimed.retry({ class: "status", status: 1000, afterMs: -1 }),
      ])
        said.push(await wrong().then(String, String));
      return claimed.complete(204);
    });

    expect(said).toEqual([
      "TypeError: complete takes a status from 200 to 299, not 404",
      "TypeError: retry takes a status from 100 to 599, not 1000, and afterMs of 0 or more, not -1",
    ]);
    expect(await get()).toMatchObject({ lastOutcome: { status: 204 } });
  });
});

describe("A batch", () => {
  test("names the records that we failed on, and no others", async () => {
    await submit();
    await submit({ messageId: "order-2" });
    const isOther = (input: object) => JSON.stringify(input).includes("order-2");
    const error = awsError("InternalServerError", 500);
    own.faults.inject({ command: "UpdateItem", when: "before", error, on: isOther });

    const records = [record, "no JSON", { ...record, v: 2 }, { ...record, messageId: "order-2" }];
    const { response, seen } = await workOn(complete, records);

    const failed = response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    expect(failed).toEqual(["sqs-2", "sqs-3", "sqs-4"]);
    expect(own.failures.map(({ what }) => what)).toEqual(failed.map(() => "record failed"));
    expect(seen).toHaveLength(1);
  });

  test("begins nothing that could not be settled in the time that is left", async () => {
    await submit();

    const response = await own.run(complete, [record], 19_999);

    expect(response.batchItemFailures).toEqual([{ itemIdentifier: "sqs-1" }]);
    expect(await get()).toMatchObject({ status: "QUEUED", attempts: 0 });
  });

  test("is counted as those of Postrider's own worker are", async () => {
    await submit();
    await submit({ messageId: "order-2" });

    await workOn(
      async (claimed) =>
        claimed.message.messageId === "order-1" ? claimed.complete() : claimed.fail("gone"),
      [record, { ...record, messageId: "order-2" }],
    );

    const { json } = await service.request("/v1/outcomes");
    expect(json.total).toMatchObject({ completed: 1, failed: 1 });
  });

  test("publishes once what the alarms of the deployment read", async () => {
    const counts: string[] = [];
    const metrics = {
      count: (name: string) => counts.push(name),
      milliseconds: () => {},
      flush: () => counts.push("printed"),
    };
    own = ownWorkerOf(service, { metrics });
    await submit();
    await submit({ messageId: "order-2" });
    await submit({ messageId: "order-3" });

    await workOn(
      async (claimed) => {
        if (claimed.message.messageId === "order-1") return claimed.complete();
        return claimed.message.messageId === "order-2"
          ? claimed.fail("gone")
          : claimed.retry({ class: "timeout" });
      },
      [
        record,
        { ...record, messageId: "order-2" },
        { ...record, messageId: "order-3" },
        { ...record, messageId: "order-4" },
        "no record",
      ],
    );

    expect(counts.toSorted()).toEqual([
      ...["AttemptsFailed", "AttemptsFailed", "AttemptsSucceeded", "MessagesCompleted"],
      ...["MessagesFailed", "RecordsDropped", "RecordsFailed", "printed"],
    ]);
    expect(counts.at(-1)).toBe("printed");
  });

  test("has one line for each attempt, with its changes of state", async () => {
    await submit();

    await workOn(complete);

    expect(own.lines).toEqual([
      {
        ...{ event: "attempt", senderId: "shop", messageId: "order-1", attempt: 1 },
        ...{
          class: "accepted",
          httpStatus: 200,
          verdict: "complete",
          targetHost: "127.0.0.1:8080",
        },
        transitions: [
          { verb: "claim", from: "QUEUED", to: "PROCESSING" },
          { verb: "complete", from: "PROCESSING", to: "COMPLETED" },
        ],
        durationMs: 0,
      },
    ]);
  });
});

describe("A claim outside of a batch", () => {
  test("is of one attempt, and is settled by its verbs", async () => {
    await submit();

    const claimed = await own.worker.claim({ senderId: "shop", messageId: "order-1", attempt: 1 });

    expect(await own.worker.claim(record)).toBeUndefined();
    expect(await claimed?.complete()).toMatchObject({ status: "COMPLETED" });
    const { json } = await service.request("/v1/outcomes");
    expect(json.total).toMatchObject({ completed: 1 });
  });
});
