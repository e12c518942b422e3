/** The client against the service itself: what it asks for exists, and it returns what is there. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type * as z from "zod";
import type * as answers from "../../client/answers.ts";
import type * as jobAnswers from "../../client/job-answers.ts";
import { systemOutside } from "../../client/outside.ts";
import { type Postrider, postriderOver } from "../../client/postrider.ts";
import type * as attempts from "../../docs/openapi/answers/attempts.ts";
import type * as failures from "../../docs/openapi/answers/failures.ts";
import type * as jobs from "../../docs/openapi/answers/jobs.ts";
import type * as messages from "../../docs/openapi/answers/messages.ts";
import type * as outcomes from "../../docs/openapi/answers/outcomes.ts";
import { operationList } from "../../docs/openapi/operations.ts";
import { expectDocumented, operationFor } from "../support/documented.ts";
import type { Same } from "../support/same-types.ts";
import { openService, type Service } from "../support/service.ts";

type Answer<Schema extends z.ZodType> = z.infer<Schema>;

/** The types of the client are those of the document: else this does not compile. */
const types: readonly true[] = [
  true satisfies Same<answers.Accepted, Answer<typeof messages.accepted>>,
  true satisfies Same<answers.Message, Answer<typeof messages.message>>,
  true satisfies Same<answers.MessagePage, Answer<typeof messages.messagePage>>,
  true satisfies Same<answers.SteeredMessage, Answer<typeof messages.steered>>,
  true satisfies Same<answers.Why, Answer<typeof messages.why>>,
  true satisfies Same<{ attempts: answers.Attempt[] }, Answer<typeof attempts.attempts>>,
  true satisfies Same<{ events: answers.HistoryEvent[] }, Answer<typeof attempts.history>>,
  true satisfies Same<answers.Failures, Answer<typeof failures.failures>>,
  true satisfies Same<answers.MessageCount, Answer<typeof failures.messageCount>>,
  true satisfies Same<answers.Outcomes, Answer<typeof outcomes.outcomes>>,
  true satisfies Same<jobAnswers.Job, Answer<typeof jobs.job>>,
  true satisfies Same<jobAnswers.JobPage, Answer<typeof jobs.jobPage>>,
  true satisfies Same<jobAnswers.JobCountPage, Answer<typeof jobs.jobCount>>,
  true satisfies Same<{ plan: jobAnswers.JobPlan }, Answer<typeof jobs.planned>>,
];

let service: Service;
let client: Postrider;
const asked = new Set<string>();

beforeAll(async () => {
  service = await openService();
  client = postriderOver({
    ...systemOutside,
    now: service.now,
    fetch: async (url, { signal: _, ...init }) => {
      const path = url.replace("https://postrider.example.com", "");
      const response = await service.api.request(path, init);
      const { status, headers } = response;
      const text = await response.text();
      expectDocumented(init.method, path, { status, headers, text });
      asked.add(operationFor(init.method, path)?.route ?? `${init.method} ${path}`);
      const { buffer } = new TextEncoder().encode(text);
      return { status, headers, arrayBuffer: async () => buffer };
    },
  })({ url: "https://postrider.example.com/", key: service.apiKey, senderId: "shop" });
});
afterAll(() => service.close());

const targetUrl = "https://nowhere.example.com/";
const send = (messageId: string, members: object = {}) =>
  client.send({ messageId, targetUrl, body: { order: 1 }, ...members });
const fail = async (messageId: string): Promise<void> => {
  await send(messageId, { retry: { maxAttempts: 1 } });
  await service.work({ v: 1, senderId: "shop", messageId, attempt: 1 });
};

describe("The client", () => {
  test("sends a message, and is told of a repeat", async () => {
    const first = await send("order-1");
    service.advance(1000);
    const second = await send("order-1");

    expect([first.status, first.duplicate, second.duplicate]).toEqual(["QUEUED", false, true]);
  });

  test("sends times as they are given, also as a Date", async () => {
    const deliverAt = new Date(service.now() + 86_400_000);

    await send("order-later", { deliverAt, timestamp: "2026-01-31T12:00:00+01:00" });

    const { notBefore, timestamp } = await client.get("order-later");
    expect([notBefore, timestamp]).toEqual([deliverAt.toISOString(), "2026-01-31T12:00:00+01:00"]);
  });

  test("finds messages by ids of any characters", async () => {
    for (const messageId of ["a/b?c=d", "~home", 'say"%41"', "+a@b.example"]) {
      await send(messageId);

      expect((await client.get(messageId)).messageId).toBe(messageId);
    }
  });

  test("returns the body of a message, and nothing where there is none", async () => {
    await send("order-body", { body: "Grüße" });
    await client.send({ messageId: "order-none", targetUrl });

    expect(new TextDecoder().decode(await client.body("order-body"))).toBe("Grüße");
    expect(await client.body("order-none")).toBeUndefined();
    await expect(client.body("nobodys")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("lists every message, over as many pages as there are", async () => {
    const ids: string[] = [];

    for await (const { messageId } of client.list({ limit: 2 })) ids.push(messageId);

    expect(ids.length).toBeGreaterThan(4);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("lists by every filter", async () => {
    await fail("order-failed");
    const from = new Date(service.now() - 60_000);
    const found: string[] = [];

    const filter = { status: "FAILED", reason: "attempts-exhausted", from } as const;
    for await (const { messageId } of client.list({ ...filter, target: targetUrl }))
      found.push(messageId);

    expect(found).toEqual(["order-failed"]);
  });

  test("cancels, replays, sends now, and shows what came of it", async () => {
    await send("order-2", { deliverAt: new Date(service.now() + 60_000) });

    const sent = await client.sendNow("order-2");
    const cancelled = await client.cancel("order-2");
    const replayed = await client.replay("order-2", { attempts: 2 });

    expect([sent.status, cancelled.status, replayed.attemptsAllowed]).toEqual([
      ...["QUEUED", "CANCELLED", 2],
    ]);
    expect((await client.why("order-2")).canDo).toEqual(["cancel", "send-now"]);
    expect((await client.history("order-2")).map(({ kind }) => kind)).toContain("action");
    expect(await client.attempts("order-2")).toEqual([]);
  });

  test("erases the content of a message", async () => {
    await send("order-erased");
    await client.cancel("order-erased");

    const { erasedAt } = await client.erase("order-erased");

    expect(erasedAt).toBe(new Date(service.now()).toISOString());
  });

  test("sends several messages, and says what came of each", async () => {
    const [first, second] = await client.sendBatch([
      { messageId: "batch-1", targetUrl },
      { messageId: "batch 2", targetUrl },
    ]);

    expect(first).toMatchObject({ messageId: "batch-1", duplicate: false });
    expect(second).toMatchObject({ problem: { code: "VALIDATION_ERROR" } });
  });

  test("counts, plans a job, starts it once, and changes it", async () => {
    await fail("order-for-job");
    service.advance(1000);
    const asked = { action: "replay", filter: { from: new Date(0) } } as const;

    const { count } = await client.count("FAILED");
    const plan = await client.jobs.plan(asked);
    const { jobId } = await client.jobs.start(asked, plan);
    const again = await client.jobs.start(asked, plan);

    expect([plan.count, again.jobId]).toEqual([count, jobId]);
    expect((await client.jobs.pause(jobId)).status).toBe("PAUSED");
    expect((await client.jobs.resume(jobId)).status).toBe("RUNNING");
    expect((await client.jobs.cancel(jobId)).status).toBe("CANCELLED");
    expect((await client.jobs.get(jobId)).status).toBe("CANCELLED");
    const listed: string[] = [];
    expect(await client.jobs.counts(jobId)).toMatchObject({ counted: 0, expired: 0 });
    for await (const job of client.jobs.list()) listed.push(job.jobId);
    expect(listed).toEqual([jobId]);
  });

  test("groups failures", async () => {
    await fail("order-failed-too");

    const { groups, isComplete } = await client.failures("target");

    expect([groups[0]?.key, isComplete]).toEqual(["nowhere.example.com", true]);
  });

  test("counts how attempts ended, since a time", async () => {
    await fail("order-counted");

    const { total, buckets } = await client.outcomes({ from: new Date(service.now()) });

    expect([total.failed, buckets.length]).toEqual([buckets[0]?.failed, 1]);
    expect(total.failed).toBeGreaterThan(0);
  });

  test("throws what Postrider says, with every fault", async () => {
    const error = await send("order 3", { timeoutMs: 1 }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({
      ...{ name: "PostriderError", code: "VALIDATION_ERROR", status: 400, requests: 1 },
      issues: [{ path: ["messageId"] }, { path: ["timeoutMs"], message: "must be at least 100" }],
    });
  });

  test("throws the state that does not allow an action", async () => {
    await fail("order-4");

    const cancel = client.cancel("order-4");

    await expect(cancel).rejects.toMatchObject({ code: "INVALID_STATE", messageStatus: "FAILED" });
  });
});

test("The client has a method for each operation of senders, and asks for nothing else", () => {
  const ofSenders = operationList.filter(([, { scope }]) => scope?.startsWith("messages:"));

  expect(types).not.toContain(false);
  expect([...asked].toSorted()).toEqual(ofSenders.map(([route]) => route).toSorted());
});
