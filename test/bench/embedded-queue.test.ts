import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { StatementSync } from "node:sqlite";
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, expect, test } from "@jest/globals";
import { sqsClient } from "../../adapters/clients.ts";
import { type EmbeddedQueue, startQueue } from "../../bench/embedded-queue.ts";
import { temporaryDataDir } from "../local/temporary.ts";

const settings = { visibilitySeconds: 30, receivesMax: 5 };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const newDataDir = (): string => {
  const { dataDir, remove } = temporaryDataDir();
  cleanUps.push(remove);
  return dataDir;
};

/** Runs an engine for as long as it takes. */
const withQueue = async <Result>(
  options: Parameters<typeof startQueue>[0],
  use: (client: SQSClient, queue: EmbeddedQueue) => Promise<Result>,
): Promise<Result> => {
  const queue = await startQueue(options);
  const client = sqsClient({ ...queue, requestTimeoutMs: 30_000 });
  try {
    return await use(client, queue);
  } finally {
    client.destroy();
    await queue.stop();
  }
};

const send = (client: SQSClient, QueueUrl: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}", ...more }));

const receive = async (client: SQSClient, QueueUrl: string, WaitTimeSeconds = 0) => {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body }) => Body);
};

const attributes = async (client: SQSClient, QueueUrl: string) => {
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return Attributes;
};

/** As much of the server below as the tests look at or change. */
type Fastify = { addresses: () => readonly { readonly address: string }[] };

/** Is told of each server that is made until the end of the test. */
const onServerMade = (look: (fastify: Fastify) => unknown): void => {
  const listener = (announced: unknown) => look((announced as { fastify: Fastify }).fastify);
  subscribe("fastify.initialization", listener);
  cleanUps.push(() => unsubscribe("fastify.initialization", listener));
};

test("it listens on the loopback interface, and on nothing else", async () => {
  const made: Fastify[] = [];
  onServerMade((fastify) => made.push(fastify));

  await withQueue(settings, async (_, { endpoint, queueUrl, deadLetterUrl }) => {
    const bound = made.flatMap((fastify) => fastify.addresses()).map(({ address }) => address);
    expect(bound).toEqual(["127.0.0.1"]);
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(queueUrl).toBe(`${endpoint}/000000000000/postrider`);
    expect(deadLetterUrl).toBe(`${endpoint}/000000000000/postrider-dead-letters`);
  });
});

test("it does not start if it would be open to the network after all", async () => {
  onServerMade((fastify) => {
    fastify.addresses = () => [{ address: "127.0.0.1" }, { address: "0.0.0.0" }];
  });

  await expect(startQueue(settings)).rejects.toThrow("open to the network");
});

test("a record that is received too often goes to the dead-letter queue", async () => {
  await withQueue({ ...settings, visibilitySeconds: 0 }, async (client, queue) => {
    await send(client, queue.queueUrl);
    const receives: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      receives.push((await receive(client, queue.queueUrl)).length);
    }

    expect(receives).toEqual([1, 1, 1, 1, 1, 0]);
    expect(await receive(client, queue.deadLetterUrl)).toEqual(["{}"]);
  });
});

test("a restart keeps the records, and brings the settings up to date", async () => {
  const dataDir = newDataDir();
  await withQueue({ dataDir, ...settings }, async (client, { queueUrl, deadLetterUrl }) => {
    await send(client, queueUrl, { MessageBody: "waiting" });
    await send(client, queueUrl, { MessageBody: "delayed", DelaySeconds: 900 });
    await send(client, deadLetterUrl, { MessageBody: "dead" });
  });

  const changed = { dataDir, visibilitySeconds: 7, receivesMax: 2 };
  await withQueue(changed, async (client, { queueUrl, deadLetterUrl }) => {
    const queue = await attributes(client, queueUrl);
    const deadLetter = await attributes(client, deadLetterUrl);

    expect(queue).toMatchObject({
      VisibilityTimeout: "7",
      ApproximateNumberOfMessagesDelayed: "1",
    });
    expect(JSON.parse(queue["RedrivePolicy"] ?? "")).toEqual({
      deadLetterTargetArn: deadLetter["QueueArn"],
      maxReceiveCount: 2,
    });
    expect(deadLetter).toMatchObject({ VisibilityTimeout: "7" });
    expect(await receive(client, queueUrl)).toEqual(["waiting"]);
    expect(await receive(client, deadLetterUrl)).toEqual(["dead"]);
  });
});

test("settings that an earlier start changed are still changed at the start after", async () => {
  const dataDir = newDataDir();
  const visibility = async (visibilitySeconds: number) =>
    withQueue({ dataDir, receivesMax: 5, visibilitySeconds }, async (client, { queueUrl }) => {
      const { VisibilityTimeout } = await attributes(client, queueUrl);
      return VisibilityTimeout;
    });

  expect([await visibility(1), await visibility(2), await visibility(3)]).toEqual(["1", "2", "3"]);
});

test("a delayed record reaches a poll that waits for it when it is due, and never before", async () => {
  await withQueue(settings, async (client, { queueUrl }) => {
    const poll = receive(client, queueUrl, 20);
    const sentAt = performance.now();
    await send(client, queueUrl, { DelaySeconds: 1 });

    expect(await poll).toEqual(["{}"]);
    const afterMs = performance.now() - sentAt;
    expect(afterMs).toBeGreaterThanOrEqual(999);
    // Not only when the poll would have ended anyway; a busy machine has all the time until then.
    expect(afterMs).toBeLessThan(18_000);
  });
});

test("a record may carry the group that keeps queues fair", async () => {
  await withQueue(settings, async (client, { queueUrl }) => {
    await send(client, queueUrl, { MessageGroupId: "acme" });

    expect(await receive(client, queueUrl)).toEqual(["{}"]);
  });
});

/** A disk on which nothing can be written, as the engine's database sees it, until it has room. */
const fullDisk = () => {
  const statement = StatementSync.prototype;
  const { run } = statement;
  statement.run = () => {
    throw Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR" });
  };
  const hasRoom = (): void => {
    statement.run = run;
  };
  cleanUps.push(hasRoom);
  return { hasRoom };
};

test("while its disk is full it refuses records, and later it has those that it took", async () => {
  const options = { ...settings, dataDir: newDataDir(), visibilitySeconds: 0 };
  await withQueue(options, async (client, { queueUrl }) => {
    await send(client, queueUrl, { MessageBody: "before" });
    const disk = fullDisk();

    const refused = { $fault: "server", message: "database or disk is full" };
    await expect(send(client, queueUrl, { MessageBody: "lost" })).rejects.toMatchObject(refused);
    await expect(receive(client, queueUrl)).rejects.toMatchObject(refused);
    disk.hasRoom();
    await send(client, queueUrl, { MessageBody: "after" });

    expect((await receive(client, queueUrl)).toSorted()).toEqual(["after", "before"]);
  });
});
