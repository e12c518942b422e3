/** A message that a deployment sends to itself, through its own queue, worker and signature. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { checkDelivery } from "../../../cli/doctor/check-delivery.ts";
import { PostriderError } from "../../../client/error.ts";
import { postriderOver } from "../../../client/postrider.ts";
import { fetchOf } from "../../support/command.ts";
import { openReceiver, type Seen } from "../../support/receiver.ts";
import { useService } from "../../support/service.ts";

const service = useService();
let checks = 0;
let messageId: string;
let door: Awaited<ReturnType<typeof openReceiver>>;
/** What happens to a request on its way from the worker to the deployment. */
let onItsWay: (seen: Seen) => Seen | number;

beforeEach(async () => {
  checks += 1;
  messageId = `doctor-${checks}`;
  onItsWay = (seen) => seen;
  door = await openReceiver(async (seen) => {
    const arrived = onItsWay(seen);
    if (typeof arrived === "number") return { status: arrived };
    const { method, path, headers, body } = arrived;
    const answer = await service.api.request(path, {
      ...{ method, headers: headers as Record<string, string>, body },
    });
    return { status: answer.status };
  });
});
afterEach(() => door.close());

/** Checks the delivery while the worker does what is due; `isStuck`: there is no worker. */
const check = async ({ key = service.apiKey, isStuck = false } = {}) => {
  const { now } = service;
  const fetch = fetchOf(service);
  const inProcess: typeof fetch = (url, init) => fetch(url.replace(door.url, ""), init);
  const outside = { fetch: inProcess, now, random: () => 0.5 };
  const sleep = async (ms: number) => {
    service.advance(isStuck ? 30_000 : Math.max(ms, 5000));
    if (isStuck) return;
    await service.dispatch();
    await service.work(...service.recordsOf(messageId));
  };
  const client = postriderOver({ ...outside, sleep })({ url: door.url, key, senderId: "shop" });
  const { signal } = new AbortController();
  const deps = { client, now, token: () => String(checks), sleep, signal };
  return checkDelivery(deps, { url: `${door.url}/`, withinMs: 90_000 });
};

test("It has arrived when its signature was verified", async () => {
  expect(await check()).toMatchObject({
    ...{ level: "ok", about: "delivery" },
    what: expect.stringMatching(/^A message to the deployment itself arrived after \d+ ms, with/),
  });
  expect(door.of(messageId).map(({ path }) => path)).toEqual(["/healthz/delivery"]);
});

test("It has not where its signature is wrong, and is tried three times", async () => {
  onItsWay = (seen) => ({ ...seen, body: Buffer.from("{}") });

  const finding = await check();

  expect(finding).toMatchObject({ level: "broken", about: "delivery" });
  expect(finding.what).toMatch(/^A message to the deployment itself is FAILED: .*404/);
  expect(finding.todo).toContain(`postrider why ${messageId}`);
  expect(door.of(messageId)).toHaveLength(3);
});

test("One answer of 429 is no fault", async () => {
  onItsWay = (seen) => (door.seen.length === 1 ? 429 : seen);

  expect(await check()).toMatchObject({ level: "ok" });
});

test("It has not where nobody delivers it, after the time that it has", async () => {
  expect(await check({ isStuck: true })).toMatchObject({
    ...{ level: "broken", about: "delivery" },
    what: expect.stringContaining("is still QUEUED after 90 s: "),
  });
});

test("A key that may not send is refused as everywhere", async () => {
  await expect(check({ key: "prk_nonsense" })).rejects.toThrow(PostriderError);
});
