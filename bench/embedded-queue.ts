import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import { join } from "node:path";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { sqsClient } from "../adapters/clients.ts";
import { admitOnly, newAccessKeyId } from "../local/engine-door.ts";

/**
 * An engine with SQS's protocol, which answers those that have its access key id, and its two
 * queues. Key and URLs hold until the next start.
 */
export type EmbeddedQueue = {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly queueUrl: string;
  readonly deadLetterUrl: string;
  readonly stop: () => Promise<void>;
};

const requestTimeoutMs = 10_000;

/**
 * Starts the engine on a free port of the loopback interface, with a queue and its dead-letter
 * queue, to which a record goes that was received `receivesMax` times and not deleted. Records
 * are kept in `<dataDir>/queue`, or in memory without a data directory.
 *
 * The files have no lock against a second process: start the table first, which has.
 */
export const startQueue = async ({
  dataDir,
  visibilitySeconds,
  receivesMax,
  accessKeyId = newAccessKeyId(),
}: {
  readonly dataDir?: string;
  readonly accessKeyId?: string;
  readonly visibilitySeconds: number;
  readonly receivesMax: number;
}): Promise<EmbeddedQueue> => {
  const path = dataDir === undefined ? undefined : join(dataDir, "queue");
  const server = await startOnLoopback({ port: 0, logger: false, dataDir: path }, accessKeyId);
  const endpoint = server.address;
  const client = sqsClient({ endpoint, accessKeyId, requestTimeoutMs });
  try {
    const VisibilityTimeout = String(visibilitySeconds);
    const deadLetter = await ensureQueue(client, endpoint, "postrider-dead-letters", {
      VisibilityTimeout,
    });
    const queue = await ensureQueue(client, endpoint, "postrider", {
      VisibilityTimeout,
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: deadLetter.arn,
        maxReceiveCount: receivesMax,
      }),
    });
    const stop = () => server.stop();
    return { endpoint, accessKeyId, queueUrl: queue.url, deadLetterUrl: deadLetter.url, stop };
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    client.destroy();
  }
};

/** As much of a Fastify server as is needed here. */
type Fastify = {
  readonly server: Server;
  listen: (options: object) => Promise<string>;
  readonly addresses: () => readonly { readonly address: string }[];
};

const loopback = "127.0.0.1";

/**
 * fauxqs listens on every interface and has no option against it; anybody on the network could
 * read and empty the queues. Fastify, which it is built with, announces every server that is made
 * on a diagnostics channel, before it listens: there this one is told where, and whom to answer.
 */
const startOnLoopback = async (
  options: Parameters<typeof startFauxqs>[0],
  accessKeyId: string,
): Promise<FauxqsServer> => {
  const made: Fastify[] = [];
  const keepToLoopback = (announced: unknown): void => {
    const { fastify } = announced as { readonly fastify: Fastify };
    const listen = fastify.listen.bind(fastify);
    fastify.listen = (where) => listen({ ...where, host: loopback });
    admitOnly(fastify.server, accessKeyId);
    made.push(fastify);
  };
  subscribe("fastify.initialization", keepToLoopback);
  // Makes its server before it waits for anything, so no other server is announced to us.
  const starting = startFauxqs(options);
  unsubscribe("fastify.initialization", keepToLoopback);

  const server = await starting;
  // Not `server.address`: that names the loopback address also when it listens on all of them.
  const addresses = made.flatMap((fastify) => fastify.addresses().map(({ address }) => address));
  if (addresses.length > 0 && addresses.every((address) => address === loopback)) return server;
  await server.stop();
  throw new Error("The embedded queue would have been open to the network");
};

/**
 * Creates a queue unless it is there, and gives it these settings whatever it had before. It is
 * created bare, because to create one that exists with other settings is refused; what a crash in
 * between leaves unset, the next start sets.
 */
const ensureQueue = async (
  client: SQSClient,
  endpoint: string,
  name: string,
  Attributes: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly arn: string }> => {
  const { QueueUrl: stored = "" } = await client.send(new CreateQueueCommand({ QueueName: name }));
  // What is stored has the port of an earlier start, and a host name that does not resolve.
  const QueueUrl = new URL(new URL(stored).pathname, endpoint).href;
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));

  const { Attributes: { QueueArn: arn = "" } = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
  );
  return { url: QueueUrl, arn };
};
