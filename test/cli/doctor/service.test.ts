import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { examineService } from "../../../cli/doctor/examine-service.ts";
import { type ServiceFacts, serviceFindings } from "../../../cli/doctor/service-findings.ts";
import type { WorkFacts } from "../../../cli/doctor/work-findings.ts";
import type { Outside } from "../../../client/outside.ts";
import { openReceiver } from "../../support/receiver.ts";
import { aRequest, useService } from "../../support/service.ts";

const service = useService();
const url = "https://postrider.example.com";
const signal = new AbortController().signal;

/** Asks the service in this process. */
const fetch: Outside["fetch"] = async (to, { signal: _, ...init }) =>
  service.api.request(to.replace(url, ""), init);

const examine = (
  keys: { readonly key?: string; readonly operatorKey?: string } = {},
  overrides: Partial<Outside> = {},
): Promise<ServiceFacts> =>
  examineService(
    { ...{ fetch, now: service.now, signal, certificateAt: async () => undefined }, ...overrides },
    { url, isLocal: false, ...keys },
  );

/** What is found, by what it is about. */
const found = (facts: ServiceFacts): Readonly<Record<string, string>> =>
  Object.fromEntries(serviceFindings(facts).map(({ about, level }) => [about, level]));

describe("The health of a service", () => {
  test("is good where Postrider answers; without a key that is all", async () => {
    expect(found(await examine())).toEqual({ health: "ok", "sender-key": "note" });
  });

  test("is bad where something else answers, or nobody, and then no key is sent", async () => {
    const asked: unknown[] = [];
    const other: Outside["fetch"] = async (to, { headers, redirect }) => {
      asked.push([to, headers["authorization"], redirect]);
      return new Response("<html>", { status: 200 });
    };
    const nobody: Outside["fetch"] = async () => {
      throw new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } });
    };

    expect(found(await examine({ key: "k" }, { fetch: other }))).toEqual({ health: "broken" });
    expect(asked).toEqual([[`${url}/healthz`, undefined, "manual"]]);
    expect(serviceFindings(await examine({ key: "k" }, { fetch: nobody }))).toMatchObject([
      { level: "broken", about: "health", what: `${url} does not answer (ENOTFOUND).` },
    ]);
  });

  test.each([
    [4000, "ok"],
    [-60_000, "attention"],
    [400_000, "broken"],
  ])("includes its clock: %d ms away is %s", async (aheadMs, level) => {
    const dated: Outside["fetch"] = async () =>
      Response.json(
        { status: "ok" },
        { headers: { date: new Date(service.now() - aheadMs).toUTCString() } },
      );

    expect(found(await examine({}, { fetch: dated }))).toMatchObject({ clock: level });
  });
});

describe("A key", () => {
  test("is told to be good, to lack a scope, not to be valid, or of the other kind", async () => {
    const reader = await service.senderWithKey("reader", { scopes: ["messages:read"] });
    const operatorKey = await service.operatorKey();
    const good = await examine({ key: service.apiKey, operatorKey });

    expect(found(good)).toMatchObject({ "sender-key": "ok", "operator-key": "ok" });
    expect(found(await examine({ key: reader }))).toMatchObject({ "sender-key": "note" });
    expect(found(await examine({ key: "prk_nonsense" }))).toEqual({
      ...{ health: "ok", "sender-key": "broken" },
    });
    expect(found(await examine({ key: operatorKey, operatorKey: service.apiKey }))).toEqual({
      ...{ health: "ok", "sender-key": "broken", "operator-key": "broken" },
    });
  });

  test("makes nothing when it is tried", async () => {
    await examine({ key: service.apiKey });

    const { json } = await service.request("/v1/jobs");
    expect(json.items).toEqual([]);
    expect(service.queued()).toEqual([]);
  });
});

describe("Messages", () => {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let receiver: Awaited<ReturnType<typeof openReceiver>>;
  beforeAll(async () => {
    receiver = await openReceiver(async ({ path }) => {
      if (path === "/slow") {
        arrived.resolve();
        await released.promise;
      }
      return { status: 410 };
    });
  });
  afterAll(() => receiver.close());

  const work = async (): Promise<WorkFacts | undefined> =>
    (await examine({ key: service.apiKey })).work;

  test("that are late are found, those that wait for their time are not", async () => {
    const deliverAt = new Date(service.now() + 7_200_000).toISOString();
    await service.submit(aRequest({ messageId: "later", deliverAt }));
    const early = await examine({ key: service.apiKey });
    await service.submit(aRequest({ messageId: "now", targetUrl: receiver.url }));
    service.advance(301_000);
    const late = await examine({ key: service.apiKey });
    service.advance(3_300_000);

    expect(found(early)).toMatchObject({ backlog: "ok" });
    expect(early.work?.unfinished).toEqual({ count: 1, isExact: true });
    expect(found(late)).toMatchObject({ backlog: "attention" });
    expect(found(await examine({ key: service.apiKey }))).toMatchObject({ backlog: "broken" });
  });

  test("that FAILED are counted for a day, with the target that has most of them", async () => {
    await service.work(...service.recordsOf("now"));
    const { host } = new URL(receiver.url);

    expect(await work()).toMatchObject({
      failed: { count: 1, isExact: true },
      worst: { target: host, count: 1 },
    });
    service.advance(86_400_001);
    expect(await work()).toMatchObject({ failed: { count: 0 } });
  });

  test("that are being delivered are not late, however long ago they were due", async () => {
    const key = await service.senderWithKey("slow");
    const about = { messageId: "one", senderId: "slow", targetUrl: `${receiver.url}/slow` };
    await service.submit(aRequest(about), key);
    service.advance(301_000);
    const waiting = await examine({ key });
    const delivered = service.work(...service.recordsOf("one"));
    await arrived.promise;

    const during = await examine({ key });
    released.resolve();
    await delivered;

    expect(found(waiting)).toMatchObject({ backlog: "attention" });
    expect(during.work?.unfinished.count).toBe(1);
    expect(found(during)).toMatchObject({ backlog: "ok" });
  });
});
