import { describe, expect, test } from "@jest/globals";
import { Hono } from "hono";
import { systemChance } from "../../../adapters/chance.ts";
import { noMetrics } from "../../../adapters/metrics.ts";
import { sqsQueue } from "../../../adapters/queue.ts";
import { noTracing } from "../../../adapters/tracing.ts";
import { payloadStore } from "../../../entities/payload.ts";
import { authenticator } from "../../../handlers/api/authenticate.ts";
import type { ApiEnv } from "../../../handlers/api/env.ts";
import { startingApi } from "../../../handlers/api/starting-api.ts";
import { targetPolicyOf } from "../../../handlers/target-policy.ts";
import { aRequest, options, useService } from "../../support/service.ts";

const service = useService();

/** An API whose whole interface is got by `get`, and how often it was. */
const started = (get: () => Promise<Hono<ApiEnv>> = async () => service.wholeApi) => {
  let gets = 0;
  const failures: unknown[] = [];
  const { storage, sqs, queueUrl, deps, messages } = service;
  const app = startingApi(
    {
      ...{ ...options, ...deps, messages, payloads: payloadStore(storage), chance: systemChance },
      ...{ queue: sqsQueue(sqs, queueUrl), metrics: noMetrics, tracing: noTracing },
      target: targetPolicyOf(options),
      log: { line: () => {}, failure: (_, error) => failures.push(error) },
      authenticate: authenticator(deps),
      policy: { scheduleMs: [1000], retentionDays: 1 },
    },
    () => {
      gets += 1;
      return get();
    },
  );
  const headers = {
    authorization: `Bearer ${service.apiKey}`,
    "content-type": "application/json",
  };
  const ask = (method: string, path: string, body?: object) =>
    app.request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { app, ask, gets: () => gets, failures };
};

/** Each route there is, with ids in the place of the names of its parameters. */
const routes = () =>
  service.wholeApi.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => [method, path.replaceAll(/:(\w+)/g, "some-$1")] as const);

describe("The API", () => {
  test("submits and reads messages without the rest of the interface", async () => {
    const { ask, gets } = started();
    const batch = { messages: [aRequest({ messageId: "starting-2" })] };

    const answers = [
      await ask("POST", "/v1/messages", aRequest({ messageId: "starting-1" })),
      await ask("POST", "/v1/messages/batch", batch),
      await ask("GET", "/v1/messages/starting-1"),
      await ask("HEAD", "/v1/messages/starting-2"),
      await ask("GET", "/healthz"),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 200, 200, 200, 200]);
    expect(gets()).toBe(0);
  });

  test("gets the rest once, for those who ask at once and for those who ask later", async () => {
    const { ask, gets } = started();

    const first = await Promise.all(
      ["/v1/messages", "/v1/jobs", "/v1/counts?status=FAILED", "/v1/jobs"].map((path) =>
        ask("GET", path),
      ),
    );
    const later = await ask("GET", "/v1/failures?by=target");

    expect([...first, later].map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(gets()).toBe(1);
  });

  test("answers with a SYSTEM_ERROR if the rest cannot be got, and gets it for the next", async () => {
    const missing = new Error("no file can be opened");
    let isThere = false;
    const { ask, failures } = started(async () => {
      if (!isThere) throw missing;
      return service.wholeApi;
    });

    const refused = await ask("GET", "/v1/jobs");
    isThere = true;
    const answered = await ask("GET", "/v1/jobs");

    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    expect(await refused.json()).toMatchObject({ code: "SYSTEM_ERROR" });
    expect(failures).toEqual([missing]);
    expect(answered.status).toBe(200);
  });

  test("hands on the request as it came, and what the server says of it", async () => {
    const whole = new Hono<ApiEnv>().all("*", async ({ req, env, json }) =>
      json([req.method, req.url, await req.text(), env?.address]),
    );
    const { app } = started(async () => whole);
    const url = "http://host/v1/jobs/a%2Fb?x=1";

    const answer = await app.request(url, { method: "PUT", body: "text" }, { address: "10.0.0.1" });

    expect(await answer.json()).toEqual(["PUT", url, "text", "10.0.0.1"]);
  });

  const show = async (answer: Response) => [
    answer.status,
    [...answer.headers].sort(),
    await answer.text(),
  ];

  test("answers each route, and each other method on its path, as the whole interface does", async () => {
    const { app } = started();
    const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    const paths = [...new Set(routes().map(([, path]) => path)), "/", "/v1/nothing"];
    const asks = paths.flatMap((path) => methods.map((method) => [method, path] as const));

    for (const [method, path] of asks)
      expect([method, path, await show(await app.request(path, { method }))]).toEqual([
        ...[method, path, await show(await service.wholeApi.request(path, { method }))],
      ]);
  });
});
