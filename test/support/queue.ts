import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type SendMessageBatchCommandInput,
  type SendMessageBatchCommandOutput,
  type SendMessageCommandInput,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { DeserializeMiddleware, MetadataBearer } from "@smithy/types";
import { startFauxqs } from "fauxqs";
import { sqsClient } from "../../adapters/clients.ts";
import { type Engine, engineNamedIn } from "./table.ts";

/** A queue of its own for one test file. It does not outlive the file. */
export type TestQueue = {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** The bodies on the queue, whether they may be received already or not. Receives nothing. */
  readonly bodies: () => readonly string[];
  readonly close: () => Promise<void>;
};

/** Whoever receives a record leaves it there for the next. */
const attributes = { VisibilityTimeout: "0" };
const requestTimeoutMs = 5000;

/** Opens a queue in this process, or in the engine that `POSTRIDER_TEST_SQS` names. */
export const openQueue = (): Promise<TestQueue> => {
  const engine = engineNamedIn("POSTRIDER_TEST_SQS");
  return engine ? openQueueOf(engine) : openEmbeddedQueue();
};

const openEmbeddedQueue = async (): Promise<TestQueue> => {
  const engine = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${engine.port}`;
  const client = sqsClient({ endpoint, requestTimeoutMs });
  const { queueUrl } = engine.createQueue("postrider", { attributes });

  const bodies = () => {
    const {
      ready = [],
      delayed = [],
      inflight = [],
    } = engine.inspectQueue("postrider")?.messages ?? {};
    return [...ready, ...delayed, ...inflight.map(({ message }) => message)].map(
      ({ body }) => body,
    );
  };
  const close = async () => {
    client.destroy();
    await engine.stop();
  };
  return { client, queueUrl, bodies, close };
};

/**
 * Nobody can look into SQS without receiving, and what is delayed cannot be received. So what is on
 * the queue is what the engine said it took, below the faults that tests put in: a send whose
 * answer a test loses is on the queue. What other clients send is not seen.
 */
const openQueueOf = async (engine: Engine): Promise<TestQueue> => {
  const isAws = engine.endpoint === undefined;
  // The queue's URL may name a host that only the engine itself knows.
  const open = () => new SQSClient({ ...engine, useQueueUrlAsEndpoint: isAws });
  const client = open();
  const taken = takenThrough(client);
  // Not the client of the tests: they may have left faults in it.
  const owner = open();
  const QueueName = `postrider-test-${crypto.randomUUID()}`;
  const { QueueUrl: queueUrl = "" } = await owner.send(
    new CreateQueueCommand({ QueueName, Attributes: attributes }),
  );

  const close = async () => {
    const held = isAws ? taken.length : await heldBy(owner, queueUrl);
    await owner.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
    client.destroy();
    owner.destroy();
    if (held < taken.length)
      throw new Error(`The queue holds ${held} records, but took ${taken.length}`);
  };
  return { client, queueUrl, bodies: () => [...taken], close };
};

/** How many records the engine holds. AWS itself knows that only roughly, and late. */
const heldBy = async (client: SQSClient, QueueUrl: string): Promise<number> => {
  const counts = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
  ] as const;
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...counts] }),
  );
  return counts.reduce((sum, name) => sum + Number(Attributes[name]), 0);
};

/** The bodies that the engine took from a client, each time that it did, since the last purge. */
const takenThrough = ({ middlewareStack }: SQSClient): readonly string[] => {
  const taken: string[] = [];
  const follow = (command: string, input: object, output: object): void => {
    if (command === "SendMessageCommand")
      taken.push((input as SendMessageCommandInput).MessageBody ?? "");
    if (command === "SendMessageBatchCommand") taken.push(...successful(input as never, output));
    if (command === "PurgeQueueCommand") taken.length = 0;
    if (command.startsWith("DeleteMessage"))
      throw new Error("What is deleted is still counted here: teach it first");
  };
  const observe: DeserializeMiddleware<object, MetadataBearer> =
    (next, { commandName = "" }) =>
    async (args) => {
      const result = await next(args);
      follow(commandName, args.input, { ...result.output });
      return result;
    };
  // Around the deserializer, which throws what the engine refused: that was not taken.
  middlewareStack.add(observe as never, { step: "deserialize", priority: "high", name: "taken" });
  return taken;
};

const successful = (
  { Entries = [] }: SendMessageBatchCommandInput,
  output: Partial<SendMessageBatchCommandOutput>,
): readonly string[] =>
  Entries.filter(({ Id }) => output.Successful?.some((each) => each.Id === Id)).map(
    ({ MessageBody = "" }) => MessageBody,
  );
