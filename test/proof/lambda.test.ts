/**
 * The bytes that are deployed, run as Lambda runs them: each function in a process of its own, over
 * its Runtime API. Also by the runtime client of AWS, where POSTRIDER_RIC says that it is installed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { SQSBatchResponse } from "aws-lambda";
import { Webhook } from "standardwebhooks";
import type { FunctionName } from "../../adapters/read-settings.ts";
import { type Deployment, openDeployment } from "../../bench/deployment.ts";
import { httpEvent } from "../../bench/http-event.ts";
import { type LambdaFunction, lambdaFunction, type Runtime } from "../../bench/lambda-function.ts";
import { startPoller } from "../../local/poller.ts";
import { bundle } from "../../stacks/bundle.ts";
import { openCollector } from "../support/collector.ts";
import { until } from "../support/edition.ts";
import { openReceiver } from "../support/receiver.ts";
import { sqsRecord } from "../support/service.ts";

const folder = process.env["POSTRIDER_RIC"];
const runtimes: readonly Runtime[] = [
  { kind: "plain-loop" },
  ...(folder ? [{ kind: "aws-lambda-ric", folder } as const] : []),
];

/** A worker that is lost holds its message for three seconds; one that hangs is killed after seven. */
const times = { timeoutMs: 2000, leaseMs: 3000, functionMs: 7100, visibilityMs: 43_000 };
const namespace = "Postrider/tried";

let deployment: Deployment;
let files: Readonly<Record<string, string>>;
let outDir: string;
const started: LambdaFunction[] = [];

beforeAll(async () => {
  outDir = await mkdtemp(join(tmpdir(), "postrider-bundles-"));
  deployment = await openDeployment({ ...times, graceMs: 3000 });
  const bundles = await bundle(outDir);
  files = Object.fromEntries(bundles.map(({ name, file }) => [name, file]));
});
afterAll(async () => {
  await Promise.all(started.map((each) => each.crash()));
  await deployment.close();
  await rm(outDir, { recursive: true });
});

const functionOf = (
  name: FunctionName,
  runtime: Runtime,
  overrides: Readonly<Record<string, string>> = {},
): LambdaFunction => {
  const one = lambdaFunction({
    file: files[name === "deadLetter" ? "dead-letter" : name] ?? "",
    environment: {
      ...deployment.environmentOf(name),
      POSTRIDER_METRICS_NAMESPACE: namespace,
      ...overrides,
    },
    timeoutMs: times.functionMs,
    runtime,
  });
  started.push(one);
  return one;
};

/** The functions, and what is around them on AWS: a gateway, and an event source for the worker. */
const runAll = (runtime: Runtime) => {
  const [api, worker, dispatcher] = (["api", "worker", "dispatcher"] as const).map((name) =>
    functionOf(name, runtime),
  ) as [LambdaFunction, LambdaFunction, LambdaFunction];
  const ask = async (method: string, path: string, body?: string) => {
    const event = httpEvent(method, path, { apiKey: deployment.sender.apiKey, body });
    const invocation = await api.invoke(event);
    if (invocation.kind !== "answered") throw new Error(`${invocation.kind}: ${api.output()}`);
    const { statusCode, body: text } = invocation.answer as { statusCode: number; body: string };
    // biome-ignore lint/suspicious/noExplicitAny: answers are judged by the tests themselves.
    return { statusCode, json: JSON.parse(text) as any };
  };
  const lost: string[] = [];
  const poller = startPoller({
    source: deployment.source,
    functionTimeoutMs: 60_000,
    handler: async (event) => {
      const invocation = await worker.invoke(event);
      if (invocation.kind === "answered") return invocation.answer as SQSBatchResponse;
      throw new Error(invocation.kind);
    },
    onError: (error) => lost.push((error as Error).message),
  });
  return {
    ...{ api, worker, dispatcher, ask, lost },
    submit: (messageId: string, targetUrl: string) => {
      const { senderId } = deployment.sender;
      const timestamp = new Date().toISOString();
      const message = { messageId, senderId, timestamp, targetUrl, body: { order: messageId } };
      return ask("POST", "/v1/messages", JSON.stringify(message));
    },
    get: async (messageId: string) => (await ask("GET", `/v1/messages/${messageId}`)).json,
    stop: () => poller.stop({ withinMs: 1000 }),
  };
};

/** The namespaces of all metrics in a log, each once. */
const namespacesIn = (output: string): readonly string[] => [
  ...new Set([...output.matchAll(/"Namespace":"([^"]*)"/g)].map(([, name = ""]) => name)),
];

const isCompleted = ({ status }: { readonly status: string }): boolean => status === "COMPLETED";

describe.each(runtimes)("By the $kind, the functions", (runtime) => {
  let functions: ReturnType<typeof runAll>;
  beforeAll(async () => {
    functions = runAll(runtime);
    const { api, worker, dispatcher } = functions;
    await Promise.all([api, worker, dispatcher].map((each) => each.warmUp()));
  });
  afterAll(() => functions.stop());
  const idOf = (text: string): string => `${text}-${runtime.kind}`;

  test("take a message to its target, signed, and say COMPLETED", async () => {
    const receiver = await openReceiver();
    const { submit, get } = functions;

    const submitted = await submit(idOf("flow"), `${receiver.url}/hook`);
    const message = await until(() => get(idOf("flow")), isCompleted);

    expect(submitted).toMatchObject({ statusCode: 202, json: { status: "QUEUED" } });
    expect(message).toMatchObject({ attempts: 1, lastOutcome: { status: 200 } });
    const [{ body = "", headers = {} } = {}, ...more] = receiver.of(idOf("flow"));
    expect(more).toEqual([]);
    const verifier = new Webhook(deployment.sender.signingSecret);
    const verified = verifier.verify(body, headers as Record<string, string>);
    expect(verified).toEqual({ order: idOf("flow") });
    receiver.close();
  });

  test.each([
    ["crashes", "exited", (worker: LambdaFunction) => void worker.crash()],
    ["hangs until its deadline", "timed-out", (worker: LambdaFunction) => worker.freeze()],
  ])("outlive a worker that %s in the middle of an attempt", async (what, kind, befall) => {
    const { submit, get, ask, worker, dispatcher, lost } = functions;
    const messageId = idOf(what.split(" ")[0] ?? "");
    const before = worker.starts();
    const receiver = await openReceiver((_, attempt) => {
      if (attempt > 1) return { status: 200 };
      befall(worker);
      return new Promise(() => {});
    });

    await submit(messageId, `${receiver.url}/hook`);
    const message = await until(async () => {
      await dispatcher.invoke({});
      return get(messageId);
    }, isCompleted);

    expect(lost).toContain(kind);
    expect(worker.starts()).toBe(before + 1);
    expect(message).toMatchObject({ attempts: 2, lastOutcome: { attempt: 2, status: 200 } });
    const { json } = await ask("GET", `/v1/messages/${messageId}/attempts`);
    const outcomes = json.attempts.map(({ outcome }: { readonly outcome: string }) => outcome);
    expect(outcomes).toEqual(["unknown", "delivered"]);
    const seen = receiver.of(messageId).map(({ headers }) => headers["postrider-attempt"]);
    expect(seen).toEqual(["1", "2"]);
    receiver.close();
  });

  test("show a person the dashboard, with style and script", async () => {
    const { api } = functions;
    const answerTo = async (method: string, path: string, given: object = {}) => {
      const event = { ...httpEvent(method, path), ...given };
      const invocation = await api.invoke(event);
      if (invocation.kind !== "answered") throw new Error(`${invocation.kind}: ${api.output()}`);
      return invocation.answer as {
        readonly statusCode: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly cookies?: readonly string[];
        readonly body: string;
      };
    };
    const { headers } = httpEvent("POST", "/dashboard/sign-in");

    const signedIn = await answerTo("POST", "/dashboard/sign-in", {
      body: new URLSearchParams({ key: deployment.sender.apiKey }).toString(),
      headers: {
        ...headers,
        "content-type": "application/x-www-form-urlencoded",
        origin: `https://${headers["host"]}`,
      },
    });
    const cookies = signedIn.cookies?.map((cookie) => cookie.split(";")[0]);
    const page = await answerTo("GET", "/dashboard/messages", { cookies });
    const others = ["", "/undelivered", "/jobs", "/jobs/plan", `/messages/${idOf("flow")}/body`];
    const pages = await Promise.all(
      others.map((path) => answerTo("GET", `/dashboard${path}`, { cookies })),
    );
    const assets = [...page.body.matchAll(/(?:href|src)="(\/dashboard\/assets[^"]+)"/g)];
    const answers = await Promise.all(assets.map(([, path = ""]) => answerTo("GET", path)));

    expect(signedIn).toMatchObject({ statusCode: 303, headers: { location: "/dashboard" } });
    expect(signedIn.cookies?.[0]).toMatch(/; Secure; SameSite=Strict$/);
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(idOf("flow"));
    expect(pages.map(({ statusCode }) => statusCode)).toEqual(others.map(() => 200));
    expect(answers.map(({ headers }) => headers["content-type"])).toEqual([
      ...["text/css; charset=utf-8", "text/javascript; charset=utf-8"],
    ]);
  });

  test("answer the body of a message byte for byte, over a gateway that knows text only", async () => {
    const { api, ask } = functions;
    const bytes = Buffer.from([0, 255, 254, 10]);
    const message = {
      ...{ messageId: idOf("bytes"), senderId: deployment.sender.senderId },
      ...{ timestamp: new Date().toISOString(), targetUrl: "https://nowhere.example.com/" },
      ...{ bodyBase64: bytes.toString("base64") },
      deliverAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const submitted = await ask("POST", "/v1/messages", JSON.stringify(message));

    const { apiKey } = deployment.sender;
    const event = httpEvent("GET", `/v1/messages/${idOf("bytes")}/body`, { apiKey });
    const invocation = await api.invoke(event);

    expect(submitted.statusCode).toBe(202);
    expect(invocation).toMatchObject({
      kind: "answered",
      answer: { statusCode: 200, isBase64Encoded: true, body: bytes.toString("base64") },
    });
  });

  test("keep secrets and bodies out of their logs", () => {
    const { api, worker, dispatcher } = functions;
    const log = [api, worker, dispatcher].map((each) => each.output()).join("\n");

    expect(log).toContain(idOf("flow"));
    expect(log).toContain('"message":"start"');
    const { apiKey, signingSecret } = deployment.sender;
    for (const secret of [apiKey, signingSecret, deployment.masterKeyText, '{"order"', "/hook"])
      expect(log).not.toContain(secret);
  });

  test.each(["api", "worker", "dispatcher"] as const)("count where they are told: %s", (name) => {
    const output = functions[name].output();

    expect(namespacesIn(output)).toEqual([namespace]);
  });

  test("log a dead letter whole, and count it", async () => {
    const deadLetter = functionOf("deadLetter", runtime);
    const record = '{"v":1,"senderId":"shop","messageId":"dead","attempt":1}';

    const invocation = await deadLetter.invoke({ Records: [sqsRecord(record)] });

    expect(invocation).toEqual({ kind: "answered", answer: { batchItemFailures: [] } });
    expect(deadLetter.output()).toContain(JSON.stringify(record));
    expect(deadLetter.output()).toContain('"DeadLetters":1');
    expect(namespacesIn(deadLetter.output())).toEqual([namespace]);
  });

  test("do not start on a namespace that CloudWatch would not take", async () => {
    const deadLetter = functionOf("deadLetter", runtime, { POSTRIDER_METRICS_NAMESPACE: ":" });

    const invocation = await deadLetter.invoke({ Records: [] });

    expect(invocation).toMatchObject({
      kind: "not-started",
      error: {
        errorType: "ConfigurationError",
        errorMessage: expect.stringContaining("1 fault:\nPOSTRIDER_METRICS_NAMESPACE: "),
      },
    });
  });

  test("do not start on times that cannot go together, and name them all", async () => {
    const worker = functionOf("worker", runtime, {
      POSTRIDER_TIMEOUT_MS: "3000",
      POSTRIDER_VISIBILITY_MS: "3000",
      POSTRIDER_GRACE_MS: "4000",
    });

    const invocation = await worker.invoke({ Records: [] });

    expect(invocation).toMatchObject({
      kind: "not-started",
      error: { errorMessage: expect.stringContaining("5 faults:") },
    });
    expect(worker.output()).not.toContain('"message":"start"');
  });

  test.each([
    ["missing", "no-such-secret", "cannot be read: ResourceNotFoundException"],
    ["no list of keys", "canary-secret", "key 1 is not"],
  ])("do not start if their secret is %s, and show nothing of it", async (_, name, why) => {
    deployment.secrets.set("canary-secret", "canary-canary-canary");
    const api = functionOf("api", runtime, { POSTRIDER_MASTER_KEY_SECRET: name });

    const invocation = await api.invoke(httpEvent("GET", "/healthz"));

    expect(invocation).toMatchObject({
      kind: "not-started",
      error: { errorMessage: expect.stringContaining(why) },
    });
    expect(`${JSON.stringify(invocation)}${api.output()}`).not.toContain("canary-canary");
  });
});

describe("With a collector, the functions", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const secretName = "collector-headers";
  const record = (messageId: string) =>
    sqsRecord(JSON.stringify({ v: 1, senderId: "shop", messageId, attempt: 1 }));
  /** The two that make spans. Nothing polls for the worker. */
  const traced = (overrides: Readonly<Record<string, string>>) =>
    (["api", "worker"] as const).map((name) =>
      functionOf(name, { kind: "plain-loop" }, overrides),
    ) as [LambdaFunction, LambdaFunction];
  const submit = (api: LambdaFunction, messageId: string, targetUrl: string) => {
    const message = {
      ...{ messageId, senderId: deployment.sender.senderId, targetUrl },
      timestamp: new Date().toISOString(),
    };
    const body = JSON.stringify(message);
    const event = httpEvent("POST", "/v1/messages", { apiKey: deployment.sender.apiKey, body });
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    return api.invoke({ ...event, headers: { ...event.headers, traceparent } });
  };

  test("send their spans before they are frozen, with the headers of a secret", async () => {
    const [collector, receiver] = [await openCollector(), await openReceiver()];
    deployment.secrets.set(secretName, "x-api-key=canary-of-the-collector");
    const [api, worker] = traced({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      POSTRIDER_TRACING_HEADERS_SECRET: secretName,
      AWS_LAMBDA_FUNCTION_NAME: "mail-function",
    });

    await submit(api, "traced", `${receiver.url}/hook`);
    const submitted = collector.spans();
    const delivered = await worker.invoke({ Records: [record("traced")] });

    expect(delivered).toMatchObject({ kind: "answered", answer: { batchItemFailures: [] } });
    const [server, client] = collector.spans();
    expect(submitted).toEqual([server]);
    expect(client).toMatchObject({ traceId, parentSpanId: server?.spanId, kind: "client" });
    expect(receiver.of("traced")[0]?.headers["traceparent"]).toBe(
      `00-${traceId}-${client?.spanId}-01`,
    );
    expect(collector.exports.map(({ headers }) => headers["x-api-key"])).toEqual([
      ...["canary-of-the-collector", "canary-of-the-collector"],
    ]);
    expect(collector.resources()[0]).toMatchObject({ "faas.name": "mail-function" });
    expect(api.output() + worker.output()).not.toContain("canary-of-the-collector");
    collector.close();
    receiver.close();
  });

  test("deliver where it is gone and its secret is not there, and say so", async () => {
    const [collector, receiver] = [await openCollector(), await openReceiver()];
    collector.close();
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
    const [api] = traced({ ...endpoint, POSTRIDER_TRACING_HEADERS_SECRET: "no-such-secret" });
    const [, worker] = traced(endpoint);

    const submitted = await submit(api, "untraced", `${receiver.url}/hook`);
    const delivered = await worker.invoke({ Records: [record("untraced")] });

    expect(submitted).toMatchObject({ kind: "answered", answer: { statusCode: 202 } });
    expect(delivered).toMatchObject({ kind: "answered", answer: { batchItemFailures: [] } });
    expect(receiver.of("untraced")).toHaveLength(1);
    expect(api.output()).toContain('"tracing not started"');
    expect(worker.output()).toContain('"spans not exported"');
    expect(worker.output()).toContain('"SpansDropped":1');
    receiver.close();
  });
});
