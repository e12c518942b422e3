import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { sqsClient } from "../../adapters/clients.ts";
import { type EmbeddedQueue, startQueue } from "../../bench/embedded-queue.ts";
import { sqsSource } from "../../bench/sqs-source.ts";
import { startPoller } from "../../local/poller.ts";
import { until } from "./until.ts";

type Deps = Parameters<typeof startPoller>[0];

const noFailures: SQSBatchResponse = { batchItemFailures: [] };

let queue: EmbeddedQueue;
let client: SQSClient;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  queue = await startQueue({ visibilitySeconds: 1, receivesMax: 5 });
  client = sqsClient({ ...queue, requestTimeoutMs: 30_000 });
  cleanUps.push(queue.stop, () => client.destroy());
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A poller of the queue, and what it reported. It is stopped at the end of the test. */
const poll = ({
  queueUrl = queue.queueUrl,
  visibilitySeconds = 1,
  ...deps
}: Pick<Deps, "handler"> &
  Partial<Deps> & { readonly queueUrl?: string; readonly visibilitySeconds?: number }) => {
  const errors: unknown[] = [];
  const poller = startPoller({
    source: sqsSource({ client, queueUrl, visibilitySeconds }),
    functionTimeoutMs: 60_000,
    onError: (error) => errors.push(error),
    ...deps,
  });
  cleanUps.push(() => poller.stop({ withinMs: 0 }));
  return { ...poller, errors };
};

/** Failed records come back at once, one batch after another. */
const atOnce = { visibilitySeconds: 0, concurrency: 1 };

const send = (MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: queue.queueUrl, MessageBody, ...more }));

/** Sends them such that they are received in one batch. */
const sendTogether = (...bodies: readonly string[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: queue.queueUrl,
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );

/** How many records wait on the queue, and how many have been received and not deleted. */
const counts = async () => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.queueUrl, AttributeNames: ["All"] }),
  );
  return {
    waiting: Number(Attributes["ApproximateNumberOfMessages"]),
    received: Number(Attributes["ApproximateNumberOfMessagesNotVisible"]),
  };
};
const isEmpty = async () => {
  const { waiting, received } = await counts();
  return waiting + received === 0;
};

const bodiesOf = ({ Records }: SQSEvent) => Records.map(({ body }) => body);

describe("the event", () => {
  test("has everything that Lambda's has", async () => {
    const { promise: event, resolve } = Promise.withResolvers<SQSEvent>();
    const { MessageId } = await send("content", {
      MessageAttributes: {
        text: { DataType: "String", StringValue: "ü" },
        bytes: { DataType: "Binary", BinaryValue: new Uint8Array([1, 2, 255]) },
      },
    });

    poll({
      handler: async (received) => {
        resolve(received);
        return noFailures;
      },
    });

    expect(await event).toEqual({
      Records: [
        {
          messageId: MessageId,
          receiptHandle: expect.stringMatching(/./),
          body: "content",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: "000000000000",
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            text: {
              stringValue: "ü",
              stringListValues: [],
              binaryListValues: [],
              dataType: "String",
            },
            bytes: {
              binaryValue: "AQL/",
              stringListValues: [],
              binaryListValues: [],
              dataType: "Binary",
            },
          },
          md5OfBody: "9a0364b9e99bb480dd25e1f0284c8555",
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: "aws:sqs",
          eventSourceARN: "arn:aws:sqs:local:000000000000:postrider",
          awsRegion: "local",
        },
      ],
    });
  });

  test("has up to ten records", async () => {
    const sizes: number[] = [];
    await sendTogether(..."abcdefghij");
    await sendTogether("k");

    poll({
      handler: async ({ Records }) => {
        sizes.push(Records.length);
        return noFailures;
      },
    });
    await until(isEmpty);

    expect(sizes).toEqual([10, 1]);
  });

  test("is never empty, also where two pollers are woken by one record", async () => {
    const sizes: number[] = [];
    const handler: Deps["handler"] = async ({ Records }) => {
      sizes.push(Records.length);
      return noFailures;
    };

    poll({ handler });
    poll({ handler });
    for (const body of "abcde") {
      await send(body);
      await until(isEmpty);
    }

    expect(sizes).toEqual([1, 1, 1, 1, 1]);
  });

  test("comes with how much of the function's time is left, never less than none", async () => {
    const { promise: left, resolve } = Promise.withResolvers<number[]>();
    let clockMs = 1_800_000_000_000;
    await send("{}");

    poll({
      functionTimeoutMs: 60_000,
      clock: () => clockMs,
      handler: async (_, { getRemainingTimeInMillis }) => {
        const atFirst = getRemainingTimeInMillis();
        clockMs += 59_000;
        const later = getRemainingTimeInMillis();
        clockMs += 2000;
        resolve([atFirst, later, getRemainingTimeInMillis()]);
        return noFailures;
      },
    });

    expect(await left).toEqual([60_000, 1000, 0]);
  });
});

describe("a batch", () => {
  test("is deleted but for the records that failed; these come again, later", async () => {
    const received: string[] = [];
    let failedAt = 0;
    let againAt = 0;
    await sendTogether("a", "b", "c");

    const { errors } = poll({
      handler: async ({ Records }) => {
        received.push(
          ...Records.map(({ body, attributes }) => body + attributes.ApproximateReceiveCount),
        );
        const failed = Records.filter(
          ({ body, attributes }) => body === "b" && attributes.ApproximateReceiveCount === "1",
        );
        if (failed.length > 0) failedAt = performance.now();
        else againAt = performance.now();
        return {
          batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })),
        };
      },
    });
    await until(isEmpty);

    expect(received).toEqual(["a1", "b1", "c1", "b2"]);
    expect(againAt - failedAt).toBeGreaterThan(900);
    expect(errors).toEqual([]);
  });

  test("of which every record failed is no error", async () => {
    let batches = 0;
    await sendTogether("a", "b");

    const { errors } = poll({
      ...atOnce,
      handler: async ({ Records }) => {
        batches += 1;
        return batches === 1 ? failing(...Records.map(({ messageId }) => messageId)) : noFailures;
      },
    });
    await until(isEmpty);

    expect([batches, errors]).toEqual([2, []]);
  });

  test.each([
    ["throws", () => Promise.reject(new Error("no"))],
    ["names a record that is not in it", () => failing("unknown")],
    ["names no record", () => failing("")],
    ["names a record, and nobody", (records: SQSEvent) => failing(idOf(records), "")],
    ["answers with something else", () => ({ batchItemFailures: [{ id: "1" }] })],
    ["answers with nothing where an id belongs", () => ({ batchItemFailures: [null] })],
  ])("comes again as a whole if the handler %s", async (_, answer) => {
    const batches: string[][] = [];
    await sendTogether("a", "b");

    const { errors } = poll({
      ...atOnce,
      handler: async (event) => {
        batches.push(bodiesOf(event));
        return batches.length === 1 ? ((await answer(event)) as SQSBatchResponse) : noFailures;
      },
    });
    await until(isEmpty);

    expect(batches).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect(errors).toHaveLength(1);
  });

  test.each([
    ["an answer", undefined],
    ["an answer but null", null],
    ["a list of failures", {}],
    ["a list but null", { batchItemFailures: null }],
  ])("is deleted as a whole if there is not %s", async (_, answer) => {
    let batches = 0;
    await sendTogether("a", "b");

    const { errors } = poll({
      ...atOnce,
      handler: async () => {
        batches += 1;
        return answer as SQSBatchResponse;
      },
    });
    await until(isEmpty);

    expect([batches, errors]).toEqual([1, []]);
  });

  test("that takes longer than the function may has failed", async () => {
    const hanging = Promise.withResolvers<SQSBatchResponse>();
    let batches = 0;
    await send("{}");

    const { errors } = poll({
      ...atOnce,
      functionTimeoutMs: 20,
      handler: async () => {
        batches += 1;
        return batches === 1 ? hanging.promise : noFailures;
      },
    });
    await until(isEmpty);

    expect(batches).toBe(2);
    expect(errors).toEqual([new Error("The handler was not done after 20 ms")]);
  });

  test("that fails five times goes to the dead-letter queue, which is polled alike", async () => {
    const { promise: dead, resolve } = Promise.withResolvers<SQSEvent>();
    const receives: (string | undefined)[] = [];
    await send("poison");

    poll({
      ...atOnce,
      handler: async ({ Records: [record] }) => {
        receives.push(record?.attributes.ApproximateReceiveCount);
        throw new Error("no");
      },
    });
    poll({
      queueUrl: queue.deadLetterUrl,
      handler: async (event) => {
        resolve(event);
        return noFailures;
      },
    });

    expect(bodiesOf(await dead)).toEqual(["poison"]);
    expect((await dead).Records[0]?.eventSourceARN).toMatch(/:postrider-dead-letters$/);
    expect(receives).toEqual(["1", "2", "3", "4", "5"]);
  });
});

const failing = (...ids: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
});
const idOf = ({ Records: [record] }: SQSEvent) => record?.messageId ?? "";

/** A handler that ends no invocation before it is told to. */
const blockingHandler = () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const started: string[] = [];
  const ended: string[] = [];
  const handler: Deps["handler"] = async (event) => {
    started.push(...bodiesOf(event));
    await released;
    ended.push(...bodiesOf(event));
    return noFailures;
  };
  return { handler, release, started, ended };
};

describe("invocations", () => {
  test("do not wait for a slow one", async () => {
    const slow = blockingHandler();
    const quick: string[] = [];
    poll({
      visibilitySeconds: 30,
      handler: async (event, context) => {
        if (bodiesOf(event).includes("slow")) return slow.handler(event, context);
        quick.push(...bodiesOf(event));
        return noFailures;
      },
    });

    await send("slow");
    await until(() => slow.started.length === 1);
    await send("quick");
    await until(async () => (await counts()).received === 1 && quick.length === 1);

    expect(slow.ended).toEqual([]);
    slow.release();
    await until(isEmpty);
  });

  test("are so many at a time, and what comes meanwhile stays on the queue", async () => {
    const { handler, release, started } = blockingHandler();
    poll({ handler, visibilitySeconds: 30, concurrency: 2 });
    await send("a");
    await until(() => started.length === 1);
    await send("b");
    await until(() => started.length === 2);
    await send("c");

    expect(await counts()).toEqual({ waiting: 1, received: 2 });
    release();
    await until(isEmpty);
    expect(started).toEqual(["a", "b", "c"]);
  });
});

describe("a queue that does not answer", () => {
  test("is reported and asked again, after a pause that grows until it answers", async () => {
    let isDown = true;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) =>
          isDown && commandName === "ReceiveMessageCommand"
            ? Promise.reject(new Error("no"))
            : next(args),
      { step: "initialize" },
    );
    const pausesMs: number[] = [];
    const handled: string[] = [];

    const { errors } = poll({
      pauseFor: async (ms) => {
        pausesMs.push(ms);
        if (pausesMs.length === 3) {
          isDown = false;
          await send("{}");
        }
        if (pausesMs.length === 5) isDown = false;
      },
      handler: async (event) => {
        handled.push(...bodiesOf(event));
        isDown = true;
        return noFailures;
      },
    });
    await until(() => pausesMs.length >= 5);

    expect(handled).toEqual(["{}"]);
    expect(pausesMs.slice(0, 5)).toEqual([100, 200, 400, 100, 200]);
    expect(errors.slice(0, 5)).toHaveLength(5);
  });

  test("when records are to be deleted, is reported, and they come again", async () => {
    let deletes = 0;
    let batches = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName !== "DeleteMessageBatchCommand") return next(args);
          deletes += 1;
          return deletes === 1 ? Promise.reject(new Error("no")) : next(args);
        },
      { step: "initialize" },
    );
    await send("{}");

    const { errors } = poll({
      ...atOnce,
      handler: async () => {
        batches += 1;
        return noFailures;
      },
    });
    await until(isEmpty);

    expect([batches, errors]).toEqual([2, [new Error("no")]]);
  });

  test("and deletes only some records, is reported", async () => {
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          const Failed = [{ Id: "0", Code: "InternalError", SenderFault: false }];
          if (commandName === "DeleteMessageBatchCommand") Object.assign(answer.output, { Failed });
          return answer;
        },
      { step: "initialize" },
    );
    await send("{}");

    const { errors } = poll({ handler: async () => noFailures });
    await until(() => errors.length === 1);

    expect(errors).toEqual([new Error("1 records could not be deleted")]);
  });
});

describe("stop", () => {
  test("aborts the poll that waits", async () => {
    const polls: Promise<unknown>[] = [];
    client.middlewareStack.add(
      (next) => (args) => {
        const answer = next(args);
        polls.push(answer);
        return answer;
      },
      { step: "finalizeRequest", priority: "high" },
    );
    const { stop, errors } = poll({ handler: async () => noFailures });
    await until(() => polls.length === 1);

    await stop({ withinMs: 60_000 });

    await expect(polls[0]).rejects.toMatchObject({ name: "AbortError" });
    expect([polls.length, errors]).toEqual([1, []]);
  });

  test("lets invocations end and deletes their records, but begins no other", async () => {
    const { handler, release, started, ended } = blockingHandler();
    const { stop } = poll({ handler, visibilitySeconds: 30 });
    await send("under way");
    await until(() => started.length === 1);

    let isStopped = false;
    const stopped = stop({ withinMs: 60_000 }).then(() => {
      isStopped = true;
    });
    await send("too late");
    expect(isStopped).toBe(false);
    release();
    await stopped;

    expect([started, ended]).toEqual([["under way"], ["under way"]]);
    const { waiting, received } = await counts();
    expect(waiting + received).toBe(1);
  });

  test("lets the records be handled that a poll had just brought", async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    let brought = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName !== "ReceiveMessageCommand") return answer;
          brought += 1;
          await held;
          return answer;
        },
      { step: "initialize" },
    );
    const { stop, errors } = poll({ handler: async () => noFailures, visibilitySeconds: 30 });
    await send("{}");
    await until(() => brought === 1);

    const stopped = stop({ withinMs: 60_000 });
    release();
    await stopped;

    expect([await counts(), errors]).toEqual([{ waiting: 0, received: 0 }, []]);
  });

  test("waits no longer than it is told to", async () => {
    const { handler, release, started, ended } = blockingHandler();
    const { stop } = poll({ handler, visibilitySeconds: 30 });
    await send("slow");
    await until(() => started.length === 1);

    await stop({ withinMs: 10 });

    expect(ended).toEqual([]);
    // What ends afterwards is still handled.
    release();
    await until(isEmpty);
  });

  test("does not wait for the pause after an error", async () => {
    const { stop, errors } = poll({
      queueUrl: new URL("/000000000000/none", queue.endpoint).href,
      handler: async () => noFailures,
    });
    await until(() => errors.length === 1);

    await stop({ withinMs: 60_000 });

    expect(errors).toHaveLength(1);
  });
});
