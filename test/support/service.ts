import { createHash } from "node:crypto";
import { PurgeQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll } from "@jest/globals";
import type { SQSRecord } from "aws-lambda";
import { nameFailedCalls } from "../../adapters/failed-calls.ts";
import { guardedPost } from "../../adapters/http.ts";
import type { Line, Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { OtlpOutside } from "../../adapters/otlp-tracing.ts";
import { sqsQueue } from "../../adapters/queue.ts";
import type { Tracing } from "../../adapters/tracing.ts";
import { masterKeyVault, type Vault } from "../../adapters/vault.ts";
import { parseCidr } from "../../domain/address.ts";
import {
  type ApiKey,
  formatApiKey,
  hashApiKey,
  operatorScopes,
  type Scope,
  scopes,
} from "../../domain/api-key.ts";
import type { DeliveryRecord } from "../../domain/record.ts";
import { formatSecret } from "../../domain/signature.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { attemptStore } from "../../entities/attempt.ts";
import { historyReader } from "../../entities/history.ts";
import { messageStore } from "../../entities/message.ts";
import { payloadStore } from "../../entities/payload.ts";
import { senderStore } from "../../entities/sender.ts";
import { compose, type HandlerSettings } from "../../handlers/compose.ts";
import { openHeaders } from "../../handlers/secret-headers.ts";
import { createOperatorKey } from "../../handlers/senders/keys.ts";
import { registryOf } from "../../handlers/senders/registry.ts";
import { sealSecret } from "../../handlers/signing.ts";
import { targetPolicyOf } from "../../handlers/target-policy.ts";
import { expectDocumented } from "./documented.ts";
import { faultsOf } from "./faults.ts";
import { openQueue } from "./queue.ts";
import { openTable } from "./table.ts";

/** The time at which tests begin. */
export const start = Date.parse("2026-03-01T12:00:00Z");

const loopback = parseCidr("127.0.0.0/8");
if (!loopback) throw new Error("127.0.0.0/8 is a range");

export const options: HandlerSettings = {
  leaseMs: 65_000,
  clockMarginMs: 5000,
  graceMs: 60_000,
  timeoutMs: 15_000,
  scheduleMs: [5000, 30_000, 120_000],
  retentionDays: 30,
  ...{ shards: 2, listAll: true, countOutcomes: true },
  ...{ allowTargets: [loopback], allowHttp: "allowed-ranges" },
};

/** The master key that secrets are sealed with, unless a test rotates it. */
export const masterKey = Buffer.alloc(32, "master key of the tests");

/** The signing secret with which a sender of the tests is made. */
export const secretOf = (senderId: string): string =>
  formatSecret(createHash("sha256").update(senderId).digest());

/** The same, sealed as it is stored. */
export const sealedSecretOf = (senderId: string) => {
  const sealed = sealSecret(masterKeyVault([masterKey]), senderId, secretOf(senderId), start);
  if (!sealed) throw new Error("The signing secret of a test is none");
  return sealed;
};

/** How much time Lambda has left, where a test does not say otherwise. */
const plenty = { getRemainingTimeInMillis: () => 60_000 };

/** A record of the queue as Lambda hands it over. */
export const sqsRecord = (body: string, sqsMessageId = "sqs-1"): SQSRecord => ({
  messageId: sqsMessageId,
  receiptHandle: "handle",
  body,
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: String(start),
    SenderId: "sender",
    ApproximateFirstReceiveTimestamp: String(start),
  },
  messageAttributes: {},
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:postrider",
  awsRegion: "us-east-1",
});

/**
 * The handlers over a real table and a real queue, with a clock that stands still until it is
 * moved, dice that always show the middle, and faults that are put in below the SDK.
 */
export const openService = async (
  overrides: Partial<HandlerSettings> = {},
  /** Has the clock, log and metrics of the service. */
  openTracing?: (outside: Pick<OtlpOutside, "clock" | "log" | "metrics">) => Tracing,
) => {
  const table = await openTable();
  const { storage } = table;
  const queue = await openQueue();
  const { client: sqs, queueUrl } = queue;
  // The table's is a client of the tests' own; that of the queue names its failed calls already.
  nameFailedCalls(storage.client);
  const faults = faultsOf(storage.client, sqs);

  /** The names that are known, and what they stand for; no test asks a name server. */
  const names = new Map<string, readonly string[]>();
  const resolve = async (hostname: string): Promise<readonly string[]> => {
    const addresses = names.get(hostname);
    if (addresses) return addresses;
    throw Object.assign(new Error("not known"), { code: "ENOTFOUND" });
  };

  let now = start;
  let tokens = 0;
  const lines: Line[] = [];
  const failures: {
    what: string;
    error: unknown;
    fields?: Readonly<Record<string, unknown>> | undefined;
  }[] = [];
  const log: Log = {
    line: (line) => lines.push(line),
    failure: (what, error, fields) => failures.push({ what, error, fields }),
  };
  const counts = new Map<string, number>();
  const durations = new Map<string, number[]>();
  const metrics: Metrics = {
    count: (name, by = 1) => counts.set(name, (counts.get(name) ?? 0) + by),
    milliseconds: (name, value) => durations.set(name, [...(durations.get(name) ?? []), value]),
    flush: () => {},
  };
  let keys = masterKeyVault([masterKey]);
  const vault: Vault = {
    seal: (plain, context) => keys.seal(plain, context),
    open: (sealed, context) => keys.open(sealed, context),
    mac: (text, context, keyId) => keys.mac(text, context, keyId),
  };
  const clock = () => now;
  const advance = (ms: number): void => {
    now += ms;
  };
  const post = guardedPost({ policy: targetPolicyOf(options), clock, resolve });
  /** How long each exchange might take. */
  const deadlinesMs: number[] = [];
  const handlers = compose(
    {
      storage,
      queue: sqsQueue(sqs, queueUrl),
      post: (request, deadlineMs) => {
        deadlinesMs.push(deadlineMs);
        return post(request, deadlineMs);
      },
      vault,
      log,
      metrics,
      ...(openTracing && { tracing: openTracing({ clock, log, metrics }) }),
      clock,
      sleep: async (ms) => advance(ms),
      chance: {
        random: () => 0.5,
        token: () => {
          tokens += 1;
          return `token-${tokens}`;
        },
      },
    },
    { ...options, ...overrides },
  );
  const api = handlers.api();
  const worker = handlers.worker();
  const dispatcher = handlers.dispatcher();

  /** A sender with a key; the text of the key. */
  const senderWithKey = async (
    senderId: string,
    given: { scopes?: readonly Scope[]; expiresAt?: number } = {},
  ): Promise<string> => {
    const key = formatApiKey(crypto.getRandomValues(new Uint8Array(32)));
    const signingSecrets = [sealedSecretOf(senderId)] as const;
    await senderStore(storage).create({ senderId, createdAt: start, signingSecrets });
    await apiKeyStore(storage).create({
      hash: hashApiKey(key),
      senderId,
      scopes,
      label: "test",
      createdAt: start,
      ...given,
    });
    return key;
  };
  const apiKey = await senderWithKey("shop");

  /** An operator's key, by default with both scopes; its text. */
  const operatorKey = (given: { scopes?: ApiKey["scopes"]; expiresAt?: number } = {}) =>
    createOperatorKey(
      { apiKeys: apiKeyStore(storage), clock },
      { scopes: operatorScopes, label: "operator", ...given },
    );

  const ask = async (path: string, init: RequestInit = {}, key = apiKey) => {
    const headers = { authorization: `Bearer ${key}`, ...init.headers };
    const response = await api.request(path, { ...init, headers });
    const text = await response.text();
    const isJson = /^application\/(.+\+)?json$/.test(response.headers.get("content-type") ?? "");
    // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests themselves.
    const json = (isJson ? JSON.parse(text) : undefined) as any;
    return { status: response.status, headers: response.headers, json, text };
  };
  const request: typeof ask = async (path, init = {}, key = apiKey) => {
    const answer = await ask(path, init, key);
    expectDocumented(init.method ?? "GET", path, answer);
    return answer;
  };
  const submit = (message: object, key = apiKey, headers: Readonly<Record<string, string>> = {}) =>
    request(
      "/v1/messages",
      {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(message),
      },
      key,
    );

  const queued = () => queue.bodies().map((body) => JSON.parse(body) as DeliveryRecord);
  const work = (...records: readonly (DeliveryRecord | string)[]) =>
    worker(
      {
        Records: records.map((record, index) =>
          sqsRecord(
            typeof record === "string" ? record : JSON.stringify(record),
            `sqs-${index + 1}`,
          ),
        ),
      },
      plenty,
    );

  return {
    ...{ names, table, storage, faults, sqs, queueUrl, api, worker },
    /** The interface with all its routes, which the API is not started with. */
    wholeApi: handlers.wholeApi(),
    ...{ lines, failures, counts, durations, deadlinesMs, apiKey },
    /** The lines of one event in the log. */
    linesOf: <Event extends Line["event"]>(event: Event) =>
      lines.filter((line): line is Extract<Line, { event: Event }> => line.event === event),
    vault,
    /** What the acts of an operator reach: senders and their secrets. */
    deps: { ...registryOf(storage), vault, clock },
    /** Gives the service other master keys, newest first, as a deployment does. */
    useMasterKeys: (...newestFirst: readonly Uint8Array[]): void => {
      keys = masterKeyVault(newestFirst);
    },
    senders: senderStore(storage),
    messages: messageStore(storage),
    attempts: attemptStore(storage),
    history: historyReader(storage),
    now: clock,
    advance,
    senderWithKey,
    operatorKey,
    /** Sends a request, whose answer must be as the OpenAPI document has it. */
    request,
    /** The same for a message that is damaged in the table: members may be missing. */
    ask,
    submit,
    /** The records on the queue, whether they may be received already or not. */
    queued,
    recordsOf: (messageId: string) => queued().filter((record) => record.messageId === messageId),
    /** Receives one record, as a poller does. */
    receive: () => sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl })),
    /** Loses every record. */
    purge: () => sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl })),
    /** Runs the worker over these records as one batch. */
    work,
    /** Runs the dispatcher, over all shards unless the event says which, for as long as it has. */
    dispatch: (event: unknown = {}, timeMs = 60_000) => {
      const endsAt = now + timeMs;
      return dispatcher(event, { getRemainingTimeInMillis: () => endsAt - now });
    },
    get: (messageId: string, senderId = "shop") =>
      messageStore(storage).get({ senderId, messageId }, now),
    /** The headers of a message, with those opened that are stored sealed. */
    headersOf: async (messageId: string) => {
      const key = { senderId: "shop", messageId };
      const message = await messageStore(storage).get(key, now);
      const stored = message?.payload ? await payloadStore(storage).get(message) : message;
      return message && openHeaders(vault, message, stored?.headers);
    },
    close: async () => {
      await queue.close();
      await table.close();
    },
  };
};
export type Service = Awaited<ReturnType<typeof openService>>;

/**
 * Gives the tests of a file, or of a block, one service. It can be used from their hooks on. No test
 * leaves faults to the next one.
 */
export const useService = (overrides: Partial<HandlerSettings> = {}): Service => {
  const service = {} as Service;
  beforeAll(async () => {
    Object.assign(service, await openService(overrides));
  });
  afterEach(() => service.faults.clear());
  afterAll(() => service.close());
  return service;
};

/** A submit that is valid, at the time at which tests begin. */
export const aRequest = (overrides: Readonly<Record<string, unknown>> = {}) => ({
  messageId: "order-1",
  senderId: "shop",
  timestamp: "2026-03-01T12:00:00.000Z",
  targetUrl: "http://127.0.0.1:8080/hook",
  body: { order: 1 },
  ...overrides,
});
