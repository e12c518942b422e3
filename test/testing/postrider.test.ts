/** What `startTestPostrider` promises to the tests of others. */
import { TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { outbox } from "../../outbox/index.ts";
import { assertDelivered, startTestPostrider, type TestPostrider } from "../../testing/index.ts";
import type { Worker } from "../../worker/index.ts";
import { awsError, faultsOf } from "../support/faults.ts";

type Handler = ReturnType<Worker["handler"]>;

let mail: TestPostrider;
beforeEach(async () => {
  mail = await startTestPostrider();
});
afterEach(() => mail.stop());

const url = "https://orders.example/hook";
const send = (messageId: string, more: object = {}) =>
  mail.client.send({ messageId, targetUrl: url, body: { order: messageId }, ...more });
const startAt = Date.parse("2026-01-01T00:00:00Z");
const secondsOf = (deliveries: readonly { readonly at: number }[]) =>
  deliveries.map(({ at }) => (at - startAt) / 1000);

describe("A message", () => {
  test("is delivered when the clock is moved, and not before", async () => {
    const orders = mail.receiver(url);
    await send("order-1");
    expect(orders.deliveries).toEqual([]);

    await mail.advance();

    const [delivery] = assertDelivered(orders, { body: { order: "order-1" } });
    expect(delivery).toMatchObject({ messageId: "order-1", senderId: "shop", attempt: 1, url });
    expect(await mail.client.get("order-1")).toMatchObject({ status: "COMPLETED" });
  });

  test("is tried again by the schedule of a deployment, to the second", async () => {
    const orders = mail.receiver(url, 503);
    await send("order-1");

    await mail.advance("3d");

    const waits = [0, 5, 30, 120, 600, 1800, 7200, 21_600, 50_400, 86_400];
    let at = 0;
    const expected = waits.map((wait) => {
      at += wait;
      return at;
    });
    expect(secondsOf(orders.deliveries)).toEqual(expected);
    expect(mail.now()).toBe(startAt + 3 * 86_400_000);
    expect(await mail.client.get("order-1")).toMatchObject({ failReason: "attempts-exhausted" });
    expect(mail.failures).toEqual([]);
  });

  test("that is to be delivered in a month is delivered then", async () => {
    const orders = mail.receiver(url);
    const deliverAt = new Date(startAt + 20 * 86_400_000);
    await send("order-1", { deliverAt });

    await mail.advance("19d");
    expect(orders.deliveries).toEqual([]);
    await mail.advance("1d");

    expect(secondsOf(orders.deliveries)).toEqual([20 * 86_400]);
  });

  test("is sent nowhere if nobody is at its target", async () => {
    await send("order-1");

    await mail.advance();

    expect(await mail.client.attempts("order-1")).toMatchObject([{ class: "dns" }]);
  });
});

describe("A receiver", () => {
  const attemptsAfter = async (by: string) => {
    await send("order-1");
    await mail.advance(by);
    return mail.client.attempts("order-1");
  };

  test("answers what it was told to, then what it usually does", async () => {
    const orders = mail.receiver(url, 204);
    orders.next(500, { status: 429, headers: { "Retry-After": "60" }, body: "later" });

    const attempts = await attemptsAfter("10m");

    expect(secondsOf(orders.deliveries)).toEqual([0, 5, 65]);
    expect(attempts).toMatchObject([
      ...[{ status: 500 }, { status: 429 }, { outcome: "delivered", status: 204 }],
    ]);
  });

  test("that is slower than the time-out has the message, and gets it again", async () => {
    const orders = mail.receiver(url);
    orders.next({ delay: "20s" });

    const attempts = await attemptsAfter("10m");

    expect(secondsOf(orders.deliveries)).toEqual([0, 20]);
    expect(attempts[0]).toMatchObject({ class: "timeout", durationMs: 15_000 });
    expect(new Set(orders.deliveries.map(({ id }) => id)).size).toBe(1);
  });

  test("that takes its time is waited for, while others are served", async () => {
    const orders = mail.receiver(url, { delay: "10s" });
    const bills = mail.receiver("https://bills.example/");
    await send("order-1");
    await send("bill-1", { targetUrl: bills.url });

    await mail.advance("9s");
    expect(secondsOf([...orders.deliveries, ...bills.deliveries])).toEqual([0, 0]);
    expect(await mail.client.get("bill-1")).toMatchObject({ status: "COMPLETED" });
    expect(await mail.client.get("order-1")).toMatchObject({ status: "PROCESSING" });

    await mail.advance("1s");
    const completedAt = "2026-01-01T00:00:10.000Z";
    expect(await mail.client.get("order-1")).toMatchObject({ status: "COMPLETED", completedAt });
  });

  test.each([
    ["drop", "reset", [0, 5]],
    ["hang", "timeout", [0, 20]],
    ["refuse", "connect", [5]],
  ] as const)("can %s", async (answer, expected, gotAt) => {
    const orders = mail.receiver(url);
    orders.next(answer);

    const attempts = await attemptsAfter("1m");

    expect(attempts.map((each) => each.class)).toEqual([expected, "accepted"]);
    expect(secondsOf(orders.deliveries)).toEqual(gotAt);
  });

  test("decides by a function, which may answer with a Response", async () => {
    const orders = mail.receiver(url, async (delivery) => {
      const request = new Request(delivery.url, delivery);
      const { order } = (await request.json()) as { order: string };
      return new Response(order, { status: delivery.attempt === 1 ? 500 : 200 });
    });

    const attempts = await attemptsAfter("1m");

    expect(orders.deliveries).toHaveLength(2);
    expect(attempts[0]).toMatchObject({ status: 500 });
  });

  test("whose function throws makes the test fail", async () => {
    mail.receiver(url, () => {
      throw new Error("not what I expected");
    });
    await send("order-1");

    await expect(mail.advance()).rejects.toThrow("not what I expected");
  });
});

describe("The clock", () => {
  test("runs whatever is due in between, in order, however far it is moved", async () => {
    const orders = mail.receiver(url, 500);
    for (const id of ["a", "b", "c"]) {
      await send(id);
      await mail.advance("1s");
    }

    await mail.advance("27h");

    const seen = orders.deliveries.map(({ at }) => at);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(orders.deliveries.slice(0, 6).map(({ messageId }) => messageId)).toEqual([
      ...["a", "b", "c", "a", "b", "c"],
    ]);
  });

  test("may be moved in steps or at once: the same happens", async () => {
    const runIn = async (steps: readonly string[]) => {
      const one = await startTestPostrider();
      const orders = one.receiver(url, { status: 500, delay: "3s" });
      await one.client.send({ messageId: "order-1", targetUrl: url });
      for (const step of steps) await one.advance(step);
      const history = await one.client.history("order-1");
      await one.stop();
      return { at: secondsOf(orders.deliveries), history };
    };

    const atOnce = await runIn(["1h"]);

    expect(await runIn(["1s", "3s", "56s", "59m"])).toEqual(atOnce);
    expect(await runIn(["1h"])).toEqual(atOnce);
  });

  test("goes on where the dispatcher could not do its work, which is told", async () => {
    const orders = mail.receiver(url);
    await send("order-1", { deliverAt: new Date(startAt + 3_600_000) });
    const error = awsError("AccessDeniedException");
    const on = () => mail.now() < startAt + 3_600_000;
    faultsOf(mail.table.client).inject({ command: "UpdateItem", when: "before", error, on });

    await mail.advance("2h");

    expect(secondsOf(orders.deliveries)).toEqual([3600]);
    // Two minutes before, when it sends the record, and one.
    expect(mail.failures).toHaveLength(2);
  });

  test("is moved by one call at a time", async () => {
    const first = mail.advance("1h");

    await expect(mail.advance("1h")).rejects.toThrow("Await it first");
    await first;
    expect(mail.now()).toBe(startAt + 3_600_000);
  });

  test.each(["27 hours", -1, Number.NaN, "", "1h30m"])("cannot be moved by %p", async (by) => {
    await expect(mail.advance(by)).rejects.toThrow("is no span of time");
  });
});

test("Senders see their own messages only", async () => {
  const other = await mail.addSender("other");
  await send("order-1");

  await expect(other.client.get("order-1")).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(other.apiKey).not.toBe(mail.apiKey);
});

test("A job over many messages is worked at by the dispatcher", async () => {
  const orders = mail.receiver(url, 410);
  for (const id of ["a", "b", "c"]) await send(id);
  // A job takes what was there before it.
  await mail.advance("1s");
  orders.always(200);
  const filter = { status: "FAILED" } as const;
  const job = { action: "replay", filter } as const;
  const { jobId } = await mail.client.jobs.start(job, await mail.client.jobs.plan(job));

  await mail.advance("10m");

  expect(await mail.client.jobs.get(jobId)).toMatchObject({ status: "DONE" });
  expect(await mail.client.get("c")).toMatchObject({ status: "COMPLETED", replays: 1 });
});

describe("A worker of one's own", () => {
  const receivedBy = async (answer: (id: string) => { batchItemFailures: object[] }) => {
    const at: number[] = [];
    const handler: Handler = async ({ Records }) => {
      at.push((other.now() - startAt) / 1000);
      return answer(Records[0]?.messageId ?? "") as Awaited<ReturnType<Handler>>;
    };
    const other = await startTestPostrider({ worker: () => handler });
    await other.client.send({ messageId: "order-1", targetUrl: url });
    // Until the dispatcher sends another record.
    await other.advance("14m");
    await other.stop();
    return { at, failures: other.failures };
  };

  test("is given a record that it failed on again, when it is visible again", async () => {
    const failing = await receivedBy((itemIdentifier) => ({
      batchItemFailures: [{ itemIdentifier }],
    }));

    expect(failing).toEqual({ at: [0, 360, 720], failures: [] });
  });

  test("is given a record again after it threw, which is told", async () => {
    const { at, failures } = await receivedBy(() => {
      throw new Error("of the handler");
    });

    expect(at).toEqual([0, 360, 720]);
    expect(failures.map(({ what }) => what)).toEqual(at.map(() => "invocation failed"));
  });

  test("is not given a record that it handled again", async () => {
    expect((await receivedBy(() => ({ batchItemFailures: [] }))).at).toEqual([0]);
  });
});

test("A request to the HTTP interface is answered as by a deployment", async () => {
  const headers = { authorization: `Bearer ${mail.apiKey}`, "content-type": "application/json" };
  const body = '{"messageId":"order-1"}';

  const refused = await mail.fetch("/v1/messages", { method: "POST", headers, body });
  const health = await mail.fetch("https://postrider.example/healthz");

  expect([refused.status, health.status]).toEqual([400, 200]);
  expect(await refused.json()).toMatchObject({ code: "VALIDATION_ERROR" });
});

test("A message of the outbox is delivered where the clock begins at the real time", async () => {
  const other = await startTestPostrider({ startAt: Date.now() });
  const orders = other.receiver(url);
  const message = { messageId: "order-1", senderId: "shop", targetUrl: url };
  const sent = await outbox(other.table).send({ ...message, timestamp: new Date() });
  await other.table.client.send(
    new TransactWriteItemsCommand({ TransactItems: [...sent.entries] }),
  );

  await other.advance("3m");

  assertDelivered(orders, { messageId: "order-1" });
  await other.stop();
});

describe("Options that are wrong", () => {
  test("are named, all of them", async () => {
    const settings = { POSTRIDER_RETRY_SCHEDULE: "soon", POSTRIDER_TABEL: "x", PORT: "1" };
    const starting = startTestPostrider({ startAt: "tomorrow", senderId: "a b", settings });

    await expect(starting).rejects.toMatchObject({
      faults: [
        expect.stringContaining("startAt: "),
        expect.stringContaining("senderId: "),
        expect.stringContaining("settings.POSTRIDER_RETRY_SCHEDULE: "),
        "settings.POSTRIDER_TABEL: is not a setting",
        "settings.PORT: is not a setting",
      ],
    });
  });

  test("of a receiver are named: where it is, and what it answers", () => {
    expect(() => mail.receiver("http://localhost/")).toThrow("must use https");
    expect(() => mail.receiver(url, 99)).toThrow("status 99");
    const orders = mail.receiver(url);
    expect(() => mail.receiver(url)).toThrow("There is a receiver at https://orders.example");
    const next = () => orders.next(200, "explode" as "drop", { status: 1.5 }, { delay: "soon" });
    expect(next).toThrow(/answer 2: "explode".*\nanswer 3: status 1.5/);
  });
});

test("Settings are those of a stage", async () => {
  const settings = { POSTRIDER_RETRY_SCHEDULE: "1m,1h" };
  const other = await startTestPostrider({ settings, startAt: new Date(0), senderId: "me" });
  const orders = other.receiver(url, 500);
  await other.client.send({ messageId: "order-1", targetUrl: url });

  await other.advance("2h");

  expect(orders.deliveries.map(({ at }) => at / 1000)).toEqual([0, 60, 3660]);
  expect(orders.deliveries[0]?.senderId).toBe("me");
  await other.stop();
});
