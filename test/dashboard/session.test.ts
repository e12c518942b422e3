/** Who may look: sign-in, the session and its end, and forms of other sites. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { formatApiKey, hashApiKey, keyIdOf } from "../../domain/api-key.ts";
import { apiKeyStore } from "../../entities/api-key.ts";
import { useService } from "../support/service.ts";
import { fieldsOf, type Viewer, viewerOf } from "../support/viewer.ts";

const minuteMs = 60_000;
const service = useService();
let operator: string;
beforeAll(async () => {
  operator = await service.operatorKey();
});

const opened = async (...keys: readonly string[]): Promise<Viewer> => {
  const viewer = viewerOf(service.api);
  for (const key of keys) await viewer.signIn(key);
  return viewer;
};
const isIn = async (viewer: Viewer): Promise<boolean> =>
  (await viewer.get("/dashboard/messages")).path === "/dashboard/messages";

describe("Sign-in", () => {
  test("leads to the page that was asked for, and to no other site", async () => {
    const viewer = await opened();
    const asked = "/dashboard/messages?status=FAILED";

    const form = await viewer.get(asked);
    const signedIn = await viewer.send(form, "/dashboard/sign-in", { key: service.apiKey });
    const elsewhere = await Promise.all(
      ["//evil.example", "https://evil.example", "/dashboard@evil.example", "/docs"].map(
        async (next) =>
          (await viewer.post("/dashboard/sign-in", { next, key: service.apiKey })).headers.get(
            "location",
          ),
      ),
    );

    expect(form.path).toBe(`/dashboard/sign-in?next=${encodeURIComponent(asked)}`);
    expect(signedIn.path).toBe(asked);
    expect(elsewhere).toEqual(Array(4).fill("/dashboard"));
  });

  test("says the same whatever is wrong with a key, and does not show it", async () => {
    const strange = formatApiKey(new Uint8Array(32).fill(7));
    const expired = await service.senderWithKey("expired", { expiresAt: service.now() - 1 });
    const viewer = await opened();

    const answers = [];
    for (const key of ["", "prk_x", strange, expired, `${service.apiKey} x`])
      answers.push(await viewer.post("/dashboard/sign-in", { key }));

    expect(new Set(answers.map(({ html }) => html)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(403));
    expect(answers[0]?.html).toContain("This is not a valid API key.");
    expect(viewer.cookies.size).toBe(0);
  });

  test("keeps the key sealed in a cookie that only this server and no script reads", async () => {
    const local = await opened(service.apiKey);
    const deployed = viewerOf(service.api, "https://postrider.example");

    await deployed.post("/dashboard/sign-in", { key: service.apiKey });

    const [cookie = ""] = deployed.kept();
    expect(cookie.replace(/=[^;]+/, "=…")).toBe(
      "postrider_session=…; Max-Age=28800; Path=/dashboard; HttpOnly; Secure; SameSite=Strict",
    );
    const value = local.cookies.get("postrider_session") ?? "";
    const once = Buffer.from(value, "base64url").toString();
    expect(`${value} ${once}`).not.toContain(service.apiKey);
    await local.post("/dashboard/sign-in", { key: service.apiKey });
    expect(local.kept().join()).toMatch(/HttpOnly; SameSite=Strict$/);
  });

  test("with a key of the other kind adds it, and with one of the same kind replaces it", async () => {
    const other = await service.senderWithKey("other-shop");
    const viewer = await opened(service.apiKey, operator, other);

    const page = await viewer.get("/dashboard/senders");

    expect(page.html).toContain("other-shop and operator");
  });

  test("leaves a line in the log, with the id of the key and not the key", async () => {
    await opened(service.apiKey, operator);

    const lines = service.linesOf("sign-in").slice(-2);
    expect(lines).toMatchObject([
      { holder: "sender", senderId: "shop", keyId: keyIdOf(hashApiKey(service.apiKey)) },
      { holder: "operator", keyId: keyIdOf(hashApiKey(operator)) },
    ]);
    expect(JSON.stringify(service.lines)).not.toContain("prk_");
  });

  test("opens what the key opens, and says which key a page needs", async () => {
    const asOperator = await (await opened(operator)).get("/dashboard/messages");
    const asSender = await (await opened(service.apiKey)).get("/dashboard/senders");

    expect([asOperator.status, asSender.status]).toEqual([403, 403]);
    expect(asOperator.html).toContain("This page needs the key of a sender");
    expect(asSender.html).toContain("This page needs the key of an operator");
  });
});

describe("A session", () => {
  test("ends when it was not used for half an hour, however often pages refresh", async () => {
    const viewer = await opened(service.apiKey);
    const refresh = () =>
      viewer.ask("/dashboard/messages", { headers: { "x-postrider-refresh": "1" } });

    service.advance(20 * minuteMs);
    const used = await isIn(viewer);
    service.advance(20 * minuteMs);
    const refreshed = await refresh();
    service.advance(10 * minuteMs);

    expect(used).toBe(true);
    expect(refreshed.status).toBe(200);
    expect((await refresh()).status).toBe(303);
    expect(await isIn(viewer)).toBe(false);
  });

  test("ends after eight hours of use", async () => {
    const viewer = await opened(service.apiKey);
    for (let used = 0; used < 7 * 60 + 40; used += 20) {
      service.advance(20 * minuteMs);
      await viewer.get("/dashboard/messages");
    }

    const before = await isIn(viewer);
    service.advance(20 * minuteMs);

    expect(before).toBe(true);
    expect(await isIn(viewer)).toBe(false);
  });

  test("ends with its key", async () => {
    const key = await service.senderWithKey("leaving");
    const viewer = await opened(key);
    const before = await isIn(viewer);

    await apiKeyStore(service.storage).revoke(hashApiKey(key), service.now());
    service.advance(2 * minuteMs);
    const after = await viewer.get("/dashboard/messages");

    expect(before).toBe(true);
    expect(after.path).toBe("/dashboard/sign-in?ended");
    expect(after.html).toContain("A key that you were signed in with is not valid any more.");
    expect(viewer.cookies.size).toBe(0);
  });

  test("ends with sign-out, and is of no use in any other cookie", async () => {
    const viewer = await opened(service.apiKey);
    const sealed = viewer.cookies.get("postrider_session") ?? "";
    const page = await viewer.get("/dashboard/messages");

    viewer.cookies.set("postrider_session", `${sealed.slice(0, -2)}AA`);
    const tampered = await isIn(viewer);
    viewer.cookies.set("postrider_session", sealed);
    const signedOut = await viewer.send(page, "/dashboard/sign-out");

    expect(tampered).toBe(false);
    expect(signedOut.path).toBe("/dashboard/sign-in");
    expect(viewer.cookies.size).toBe(0);
  });

  test("is found by a link on another site, with which the browser sends no cookie", async () => {
    const answer = await viewerOf(service.api).ask("/dashboard/messages", {
      headers: { "sec-fetch-site": "cross-site" },
    });

    expect(answer.status).toBe(200);
    expect(answer.html).toContain('<meta http-equiv="refresh" content="0">');
  });
});

describe("A form", () => {
  test("of another session does not sign anybody out", async () => {
    const viewer = await opened(operator);

    const answer = await viewer.post("/dashboard/sign-out", { csrf: "forged" });

    expect(answer.status).toBe(403);
    expect(viewer.cookies.size).toBe(1);
  });

  const create = (viewer: Viewer, fields: Record<string, string>, headers?: object) =>
    viewer.post("/dashboard/senders", fields, headers);
  const exists = async (senderId: string) => (await service.senders.get(senderId)) !== undefined;

  test("without the token of its session does nothing", async () => {
    const viewer = await opened(operator);
    const other = await opened(operator);
    const foreign = fieldsOf(await other.get("/dashboard/senders"), "/dashboard/senders");

    const answers = [
      await create(viewer, { senderId: "forged" }),
      await create(viewer, { csrf: "", senderId: "forged" }),
      await create(viewer, { ...foreign, senderId: "forged" }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(answers[0]?.html).toContain("Nothing was done.");
    expect(await exists("forged")).toBe(false);
  });

  test("of another site does nothing, whatever it has", async () => {
    const viewer = await opened(operator);
    const page = await viewer.get("/dashboard/senders");
    const fields = { ...fieldsOf(page, "/dashboard/senders"), senderId: "lured" };

    const answers = [
      await create(viewer, fields, { origin: "https://evil.example" }),
      await create(viewer, fields, { origin: "null", "sec-fetch-site": "cross-site" }),
      await create(viewer, fields, {}),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(answers[0]?.html).toContain("This form is from another site");
    expect(await exists("lured")).toBe(false);
  });

  test("is read up to a limit", async () => {
    const viewer = await opened(operator);

    const answer = await create(viewer, { senderId: "x".repeat(70_000) });

    expect(answer.status).toBe(413);
  });
});
