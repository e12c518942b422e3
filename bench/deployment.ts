import { dynamoDbClient, sqsClient } from "../adapters/clients.ts";
import { systemClock } from "../adapters/clock.ts";
import type { EnvironmentOf, FunctionName } from "../adapters/read-settings.ts";
import { masterKeyVault, newMasterKey, parseMasterKey } from "../adapters/vault.ts";
import { scopes } from "../domain/api-key.ts";
import type { Storage } from "../entities/storage.ts";
import { enrolNew } from "../handlers/enrol.ts";
import { registryOf } from "../handlers/senders/registry.ts";
import { ensureTable, startTable, table } from "../local/embedded-table.ts";
import { newAccessKeyId } from "../local/engine-door.ts";
import { startQueue } from "./embedded-queue.ts";
import { secretsStandIn } from "./secrets-stand-in.ts";
import { sqsSource } from "./sqs-source.ts";

const requestTimeoutMs = 10_000;
const receivesMax = 5;
const senderId = "shop";
const masterKeySecret = "postrider/master-keys";

/** Times of a deployment, milliseconds. */
export type Times = {
  readonly timeoutMs: number;
  readonly functionMs: number;
  readonly leaseMs: number;
  readonly visibilityMs: number;
  readonly graceMs: number;
};
const defaults: Times = {
  ...{ timeoutMs: 15_000, functionMs: 60_000, leaseMs: 65_000 },
  ...{ visibilityMs: 360_000, graceMs: 60_000 },
};

const environmentsOf = (queueUrl: string, times: Times) => {
  const stored = { POSTRIDER_TABLE: table, POSTRIDER_QUEUE_URL: queueUrl };
  const sealed = { POSTRIDER_MASTER_KEY_SECRET: masterKeySecret };
  const loopback = {
    POSTRIDER_ALLOW_TARGETS: "127.0.0.0/8",
    POSTRIDER_ALLOW_HTTP: "allowed-ranges",
  };
  const retried = {
    POSTRIDER_GRACE_MS: String(times.graceMs),
    POSTRIDER_RETRY_SCHEDULE: "100ms,100ms,100ms",
  };
  const oneClock = { POSTRIDER_CLOCK_MARGIN_MS: "0" };
  const sharded = { POSTRIDER_SHARDS: "2" };
  return {
    api: { ...stored, ...sealed, ...retried, ...loopback, ...sharded },
    worker: {
      ...{ ...stored, ...sealed, ...retried, ...oneClock, ...loopback },
      POSTRIDER_FUNCTION_TIMEOUT_MS: String(times.functionMs),
      POSTRIDER_VISIBILITY_MS: String(times.visibilityMs),
      UV_THREADPOOL_SIZE: "256",
      POSTRIDER_LEASE_MS: String(times.leaseMs),
      POSTRIDER_TIMEOUT_MS: String(times.timeoutMs),
    },
    dispatcher: { ...stored, ...retried, ...oneClock, ...sharded },
    deadLetter: {},
  } satisfies { readonly [Name in FunctionName]: EnvironmentOf<Name> };
};

/** Creates a sender with a key, as an operator does. */
const createSender = async (storage: Storage, masterKey: Uint8Array) => {
  const deps = { ...registryOf(storage), vault: masterKeyVault([masterKey]), clock: systemClock };
  return { senderId, ...(await enrolNew(deps, { senderId, scopes, label: "bench" })) };
};

/**
 * What the functions find on AWS, embedded and in memory: a table, queues and a secret, and the
 * environment that the stacks would give to each function. With one sender, whose key is told.
 */
export const openDeployment = async (given: Partial<Times> = {}) => {
  const times = { ...defaults, ...given };
  const masterKeyText = newMasterKey();
  const masterKey = parseMasterKey(masterKeyText);
  if (!masterKey) throw new Error("A new master key is none");
  const secrets = new Map([[masterKeySecret, masterKeyText]]);
  const accessKeyId = newAccessKeyId();
  const [database, queue, manager] = await Promise.all([
    startTable({ accessKeyId }),
    startQueue({
      visibilitySeconds: Math.ceil(times.visibilityMs / 1000),
      receivesMax,
      accessKeyId,
    }),
    secretsStandIn(secrets),
  ]);
  const client = dynamoDbClient({ ...database, requestTimeoutMs });
  const sqs = sqsClient({ ...queue, requestTimeoutMs });
  await ensureTable(client, table);
  const storage = { client, table };
  const sender = await createSender(storage, masterKey);

  const engines = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    AWS_ENDPOINT_URL_SQS: queue.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.endpoint,
  };
  const own = environmentsOf(queue.queueUrl, times);
  return {
    ...{ storage, sqs, queue, sender, masterKeyText, secrets },
    /** What the event source of the worker receives. */
    source: sqsSource({
      client: sqs,
      queueUrl: queue.queueUrl,
      visibilitySeconds: Math.ceil(times.visibilityMs / 1000),
    }),
    environmentOf: (name: FunctionName): Readonly<Record<string, string>> => ({
      ...engines,
      ...own[name],
    }),
    close: async (): Promise<void> => {
      client.destroy();
      sqs.destroy();
      manager.stop();
      await Promise.all([database.stop(), queue.stop()]);
    },
  };
};
export type Deployment = Awaited<ReturnType<typeof openDeployment>>;
