import { once } from "node:events";
import { beforeEach, expect, test } from "@jest/globals";
import { memoryQueue } from "../../local/memory-queue.ts";
import { openQueues } from "../../local/queues.ts";

const start = Date.parse("2026-03-01T12:00:00Z");
const visibilityMs = 70_000;
let now = start;
beforeEach(() => {
  now = start;
});
const clock = () => now;
/** Of a receiver that finds nothing: it waits, and then the signal is given. */
const signal = AbortSignal.abort();
const open = () => openQueues({ clock, visibilityMs, receivesMax: 5 });
const bodiesOf = async (queue: ReturnType<typeof memoryQueue>) =>
  (await queue.receive(signal)).Records.map(({ body }) => body);

test("a record is received in the shape of Lambda's event, and gone when it is deleted", async () => {
  const { records } = open();
  records.put("content");

  const { Records } = await records.receive(signal);
  await records.remove(Records);
  now += visibilityMs;

  expect(Records).toEqual([
    {
      messageId: expect.stringMatching(/./),
      receiptHandle: expect.stringMatching(/./),
      body: "content",
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: String(start),
        SenderId: "local",
        ApproximateFirstReceiveTimestamp: String(start),
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:local:000000000000:postrider",
      awsRegion: "local",
    },
  ]);
  expect(await bodiesOf(records)).toEqual([]);
});

test("a batch has up to ten records, in the order in which they came", async () => {
  const { records } = open();
  for (const body of "abcdefghijk") records.put(body);

  expect([await bodiesOf(records), await bodiesOf(records)]).toEqual([[..."abcdefghij"], ["k"]]);
});

test("a delayed record is received when its delay is over, and not a moment before", async () => {
  const { queue, records } = open();
  const record = { v: 1, senderId: "s", messageId: "m", attempt: 2 } as const;
  await queue.send({ record, delaySeconds: 900 });
  records.put("later", 901_000);

  now += 899_999;
  const before = await bodiesOf(records);
  now += 1;

  expect(before).toEqual([]);
  expect(await bodiesOf(records)).toEqual([JSON.stringify(record)]);
});

test("a record that is not deleted is hidden for the visibility timeout, and then comes again", async () => {
  const { records } = open();
  records.put("a");
  await records.receive(signal);

  now += visibilityMs - 1;
  const before = await bodiesOf(records);
  now += 1;
  const { Records } = await records.receive(signal);

  expect(before).toEqual([]);
  expect(Records[0]).toMatchObject({ body: "a", attributes: { ApproximateReceiveCount: "2" } });
});

test("whoever held a record too long cannot delete it under the next one who has it", async () => {
  const { records } = open();
  records.put("a");
  const { Records: late } = await records.receive(signal);
  now += visibilityMs;
  await records.receive(signal);

  await records.remove(late);
  now += visibilityMs;

  expect(await bodiesOf(records)).toEqual(["a"]);
});

test("a record that was received five times is a dead letter, and is not received again", async () => {
  const { records, deadLetters } = open();
  records.put("poison");
  const received: number[] = [];

  for (let time = 0; time < 6; time += 1) {
    received.push((await bodiesOf(records)).length);
    now += visibilityMs;
  }

  expect(received).toEqual([1, 1, 1, 1, 1, 0]);
  expect(await bodiesOf(deadLetters)).toEqual(["poison"]);
});

test("a receiver that waits is woken by a record, and by the time of a delayed one", async () => {
  const waits: number[] = [];
  const queue = memoryQueue({
    ...{ name: "postrider", clock, visibilityMs },
    pauseFor: async (ms, woken) => {
      waits.push(ms);
      // The first wait ends only when it is woken; the second when its time is over.
      if (waits.length === 1) await once(woken, "abort");
      else now += ms;
    },
  });

  const receiving = queue.receive(new AbortController().signal);
  queue.put("delayed", 300);
  const { Records } = await receiving;

  expect([Records[0]?.body, waits]).toEqual(["delayed", [1000, 300]]);
});

test("a receiver that is told to stop takes nothing any more", async () => {
  const queue = memoryQueue({ name: "postrider", clock, visibilityMs });
  const stopping = new AbortController();
  const receiving = queue.receive(stopping.signal);

  stopping.abort();
  queue.put("a");

  expect((await receiving).Records).toEqual([]);
  expect(queue.readyCount()).toBe(1);
});

test("records that are put in one turn are received in one batch by whoever waits", async () => {
  const { records } = open();
  const received = records.receive(new AbortController().signal);
  await new Promise((resolve) => setImmediate(resolve));

  records.put("first");
  for (let microtask = 0; microtask < 50; microtask += 1) await Promise.resolve();
  records.put("second");

  expect((await received).Records.map(({ body }) => body)).toEqual(["first", "second"]);
});
