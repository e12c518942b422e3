/** What an operator does in the dashboard: senders, their keys and signing secrets. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { aRequest, useService } from "../support/service.ts";
import { textOf, type Viewer, viewerOf } from "../support/viewer.ts";

const service = useService();
let viewer: Viewer;
let operator: string;
beforeAll(async () => {
  operator = await service.operatorKey();
  viewer = viewerOf(service.api);
  await viewer.signIn(operator);
});

const newKeyIn = (html: string): string => /value="(prk_\w+)"/.exec(html)?.[1] ?? "";
const secretsIn = (html: string): readonly string[] => html.match(/value="whsec_[^"]+"/g) ?? [];
const submitBy = async (key: string, senderId: string): Promise<number> =>
  (await service.submit(aRequest({ senderId }), key)).status;

test("A sender is created with a key and a secret, which are shown once", async () => {
  const list = await viewer.get("/dashboard/senders");

  const created = await viewer.send(list, "/dashboard/senders", { senderId: "till" });
  const again = await viewer.get(created.path);
  const twice = await viewer.send(list, "/dashboard/senders", { senderId: "till" });

  expect(created.path).toBe("/dashboard/senders/till");
  expect(await submitBy(newKeyIn(created.html), "till")).toBe(202);
  expect(secretsIn(created.html)).toHaveLength(1);
  expect(again.html).not.toMatch(/prk_|whsec_/);
  expect(twice.html).toContain("The sender till exists already, and was not changed.");
});

test("A refresh by the script leaves what is shown once to the next page", async () => {
  const list = await viewer.get("/dashboard/senders");
  const { path } = await viewer.send(list, "/dashboard/senders", { senderId: "van" });
  const form = await viewer.get(path);
  await viewer.post(`${path}/keys`, {
    ...{ label: "x", "messages:read": "yes" },
    csrf: /name="csrf" value="([^"]+)"/.exec(form.html)?.[1] ?? "",
  });

  const refreshed = await viewer.ask(path, { headers: { "x-postrider-refresh": "1" } });
  const next = await viewer.get(path);

  expect(refreshed.html).not.toContain("prk_");
  expect(next.html).toContain("prk_");
});

test("A key is made with a label and scopes, and revoked after a question", async () => {
  const senderId = "keys";
  await service.senderWithKey(senderId);
  const path = `/dashboard/senders/${senderId}`;
  const page = await viewer.get(path);

  const made = await viewer.send(page, `${path}/keys`, { label: "<b>till</b>\u202e" });
  const refused = await viewer.send(page, `${path}/keys`, {
    label: "",
    expiresAt: "2020-01-01T00:00",
  });
  const key = newKeyIn(made.html);
  const before = await submitBy(key, senderId);
  const [revoke = ""] = /\/dashboard\/senders\/keys\/keys\/[\w-]+\/revoke/.exec(made.html) ?? [];
  const question = await viewer.get(revoke);
  const revoked = await viewer.send(question, revoke);
  service.advance(120_000);

  expect(textOf(refused.html)).toContain("label must be at least 1 characters long");
  expect(textOf(refused.html)).toContain("expiresAt must be in the future");
  expect(made.html).toContain("&lt;b&gt;till&lt;/b&gt;\\u202e");
  expect(before).toBe(202);
  expect(question.html).toContain("Revoke this key?");
  expect(textOf(revoked.html)).toContain("○ revoked");
  expect(await submitBy(key, senderId)).toBe(401);
});

test("A rotation shows the new secret once, and draws how long the previous one signs", async () => {
  const senderId = "turning";
  await service.senderWithKey(senderId);
  const path = `/dashboard/senders/${senderId}`;
  const page = await viewer.get(path);

  const refused = await viewer.send(page, `${path}/rotate`, { overlap: "soon" });
  const rotated = await viewer.send(page, `${path}/rotate`, { overlap: "7d" });

  expect(textOf(refused.html)).toContain("overlap must be a duration such as 24h or 7d");
  expect(secretsIn(rotated.html)).toHaveLength(1);
  expect(textOf(rotated.html)).toContain("in 7 d");
  expect(rotated.html.match(/<rect class="(?:signs|ends)"/g)).toHaveLength(2);
  expect((await service.senders.get(senderId))?.signingSecrets).toHaveLength(2);
});

test("Defaults are changed by all fields of a form, of which an empty one removes its default", async () => {
  const senderId = "defaults";
  await service.senderWithKey(senderId);
  const path = `/dashboard/senders/${senderId}`;
  const page = await viewer.get(path);
  const change = (fields: Record<string, string>) => viewer.send(page, `${path}/defaults`, fields);

  const refused = await change({ maxAttempts: "0", schedule: "soon" });
  const changed = await change({ maxAttempts: "5", schedule: "5s, 2m", timeoutMs: "1000" });
  const stored = await service.senders.get(senderId);
  await change({ retentionDays: "7" });

  expect(textOf(refused.html)).toContain("defaults.retry.maxAttempts must be at least 1");
  expect(textOf(changed.html)).toContain("5 attempts; waits 5s, 2m; time-out 1000 ms");
  expect(stored).toMatchObject({ maxAttempts: 5, scheduleMs: [5000, 120_000], timeoutMs: 1000 });
  expect(await service.senders.get(senderId)).toEqual({
    ...{ senderId, createdAt: stored?.createdAt, signingSecrets: stored?.signingSecrets },
    retentionDays: 7,
  });
});

test("A sender that does not exist, and an id that none can have, have no page", async () => {
  const none = await viewer.get("/dashboard/senders/nobody");
  const others = await Promise.all(
    ["%2Fv1", "shop%2Fkeys", "shop%3Fa", "shop/keys/x%2Fy/revoke"].map((path) =>
      viewer.get(`/dashboard/senders/${path}`),
    ),
  );

  expect(none.status).toBe(404);
  expect(others.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  expect(none.html).toContain("There is no such sender.");
});

test("An operator's key that may only read is offered no form that changes something", async () => {
  const reader = viewerOf(service.api);
  await reader.signIn(await service.operatorKey({ scopes: ["senders:read"] }));
  await service.senderWithKey("seen");

  const pages = [
    await reader.get("/dashboard/senders"),
    await reader.get("/dashboard/senders/seen"),
  ];

  for (const { html, status } of pages) {
    expect(status).toBe(200);
    expect(html.match(/method="post" action="([^"]+)"/g)).toEqual([
      'method="post" action="/dashboard/sign-out"',
    ]);
  }
});

describe("An operator who looks at the messages of a sender", () => {
  const minuteMs = 60_000;
  const looking = async (senderId: string, ...keys: readonly string[]) => {
    const own = await service.senderWithKey(senderId);
    await service.submit(aRequest({ messageId: `of-${senderId}`, senderId }), own);
    const other = viewerOf(service.api);
    for (const key of [...keys, operator]) await other.signIn(key);
    const path = `/dashboard/senders/${senderId}`;
    const shown = await other.send(await other.get(path), `${path}/look`);
    return { viewer: other, path, shown };
  };
  const keysOf = async (senderId: string) =>
    (await service.request(`/v1/senders/${senderId}/keys`, {}, operator)).json.items;

  test("sees them, is told so on each page, and cannot change them", async () => {
    const { viewer: other, shown } = await looking("seen-1");

    const page = await other.get("/dashboard/messages/of-seen-1");
    const cancelled = await other.send(
      await other.get("/dashboard/messages/of-seen-1/cancel"),
      "/dashboard/messages/of-seen-1/cancel",
    );

    expect(shown.path).toBe("/dashboard");
    expect(textOf(page.html)).toContain("You look at the messages of seen-1");
    expect(textOf(page.html)).toContain("Your key may read messages and not change them.");
    expect(textOf(cancelled.html)).toContain("does not have the scope messages:write");
  });

  test("does so by a key that ends within an hour, and the history says who made it", async () => {
    const { shown } = await looking("seen-2");

    const [key] = await keysOf("seen-2");
    const { json } = await service.request("/v1/senders/seen-2/history", {}, operator);

    expect(key.scopes).toEqual(["messages:read"]);
    expect(Date.parse(key.expiresAt) - service.now()).toBe(60 * minuteMs);
    expect(key.label).toContain("looks, by the dashboard");
    expect(JSON.stringify(json)).toContain(key.keyId);
    expect(shown.html).not.toContain("prk_");
  });

  test("stops, which revokes the key and brings back the own one", async () => {
    const { viewer: other, path } = await looking("seen-3", service.apiKey);

    const stopped = await other.send(await other.get("/dashboard/messages"), `${path}/look/stop`);
    const [key] = await keysOf("seen-3");
    const after = textOf((await other.get("/dashboard/messages")).html);

    expect(key.revokedAt).toBeDefined();
    expect(textOf(stopped.html)).toContain("You look at seen-3 no longer");
    expect(after).toContain("shop and operator");
    expect(after).not.toContain("You look at");
  });

  test("is back by itself when the hour is over", async () => {
    const { viewer: other } = await looking("seen-4", service.apiKey);
    for (const _ of [1, 2, 3]) {
      service.advance(20 * minuteMs);
      await other.get("/dashboard/senders");
    }

    const page = await other.get("/dashboard/messages");

    expect([page.path, textOf(page.html).includes("shop and operator")]).toEqual([
      ...["/dashboard/messages", true],
    ]);
  });

  test("looks from one sender to the next, and comes back to the own key", async () => {
    const { viewer: other } = await looking("seen-5", service.apiKey);
    await service.senderWithKey("seen-6");
    const path = "/dashboard/senders/seen-6";
    await other.send(await other.get(path), `${path}/look`);

    await other.send(await other.get("/dashboard/jobs"), `${path}/look/stop`);

    expect(textOf((await other.get("/dashboard/jobs")).html)).toContain("shop and operator");
  });

  test("ends the look by signing in with the key of a sender", async () => {
    const { viewer: other } = await looking("seen-7");

    await other.signIn(service.apiKey);

    expect(textOf((await other.get("/dashboard/messages")).html)).not.toContain("You look at");
  });

  test("needs a form of the own page, and a key that may make keys", async () => {
    const reader = viewerOf(service.api);
    await reader.signIn(await service.operatorKey({ scopes: ["senders:read"] }));
    const { html } = await reader.get("/dashboard/senders/seen-6");
    const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const before = (await keysOf("seen-6")).length;

    const forged = await reader.post("/dashboard/senders/seen-6/look", { csrf: "x" });
    const refused = await reader.post("/dashboard/senders/seen-6/look", { csrf });

    expect([forged.status, refused.headers.get("location")]).toEqual([
      ...[403, "/dashboard/senders/seen-6"],
    ]);
    expect(await keysOf("seen-6")).toHaveLength(before);
  });
});
