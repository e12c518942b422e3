/** What holds for every page of the dashboard. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { noMetrics } from "../../adapters/metrics.ts";
import { dashboard } from "../../dashboard/app.ts";
import { script, style } from "../../dashboard/assets.ts";
import { authenticator } from "../../handlers/api/authenticate.ts";
import { awsError } from "../support/faults.ts";
import { aRequest, useService } from "../support/service.ts";
import { type Shown, type Viewer, viewerOf } from "../support/viewer.ts";

const service = useService();
let viewer: Viewer;
let keys: readonly string[];
beforeAll(async () => {
  keys = [service.apiKey, await service.operatorKey()];
  await service.submit(aRequest());
  viewer = viewerOf(service.api);
  for (const key of keys) await viewer.signIn(key);
});

const paths = [
  ...["/dashboard/sign-in", "/dashboard/sign-in?token=x", "/dashboard/nothing"],
  ...["/dashboard/messages", "/dashboard/messages?status=FAILED", "/dashboard/messages?id=none"],
  ...[
    "/dashboard/messages/order-1",
    "/dashboard/messages/order-1/body",
    "/dashboard/messages/none",
  ],
  ...["cancel", "replay", "erase", "send-now"].map((each) => `/dashboard/messages/order-1/${each}`),
  ...["/dashboard/senders", "/dashboard/senders/shop"],
  ...["/dashboard", "/dashboard/undelivered", "/dashboard/jobs", "/dashboard/jobs/plan?rate=x"],
];

describe.each(paths)("The page %s", (path) => {
  let page: Shown;
  beforeAll(async () => {
    page = await viewer.get(path);
  });

  test("has nothing inline, nothing from elsewhere, and no key", () => {
    const { headers, html } = page;

    expect(headers.get("content-security-policy")).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(headers.get("referrer-policy")).toBe("same-origin");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(html).not.toMatch(/\sstyle=|\son\w+=|<style|<script(?! src="\/dashboard\/assets\/)/);
    expect(html).not.toMatch(/(?:src|href|action)="(?!\/dashboard|#|data:image\/svg|")/);
    for (const key of keys) expect(html).not.toContain(key);
  });

  test("has a language, one heading, a label for each field, and unique ids", () => {
    const { html } = page;
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    const fields = [...html.matchAll(/<(?:input|select)\b[^>]*>/g)]
      .map(([field]) => field)
      .filter((field) => !/type="(?:hidden|checkbox)"/.test(field));

    expect(html).toContain('<html lang="en">');
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(new Set(ids).size).toBe(ids.length);
    for (const field of fields) {
      const [, id = ""] = /\sid="([^"]+)"/.exec(field) ?? [];
      expect(html).toContain(`<label for="${id}">`);
    }
  });

  test("is painted with less than 100 kB in all", () => {
    const bytes = [page.html, style.text, script.text].map((text) => Buffer.byteLength(text));

    expect(bytes.reduce((total, each) => total + each)).toBeLessThan(100_000);
  });
});

test("The longest list is painted with less than 100 kB too", async () => {
  const long = `http://127.0.0.1:8080/${"a".repeat(300)}`;
  for (let batch = 0; batch < 6; batch += 1)
    await service.request("/v1/messages/batch", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        messages: Array.from({ length: 10 }, (_, index) =>
          aRequest({ messageId: `many-${batch}-${index}`, targetUrl: long }),
        ),
      }),
    });

  const { html } = await viewer.get("/dashboard/messages");

  expect(html.match(/<tr>/g)?.length).toBeGreaterThan(50);
  const bytes = [html, style.text, script.text].map((text) => Buffer.byteLength(text));
  expect(bytes.reduce((total, each) => total + each)).toBeLessThan(100_000);
});

describe("A file that pages load", () => {
  test.each([style, script])(
    "is kept for as long as it is the same",
    async ({ path, text, type }) => {
      const own = await viewer.ask(`/dashboard${path}`);
      const ofAnotherVersion = await viewer.ask(
        `/dashboard/assets/otherVersion/${path.split("/").at(-1)}`,
      );

      expect(own.headers.get("content-type")).toBe(type);
      expect(own.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(own.html).toBe(text);
      expect(ofAnotherVersion.html).toBe(text);
      expect(ofAnotherVersion.headers.get("cache-control")).toBe("no-store");
    },
  );
});

test("What fails on our side is told of in words, and nothing internal is shown", async () => {
  const error = awsError("InternalServerError");
  service.faults.inject({ command: "Query", when: "before", error });

  const { status, html } = await viewer.get("/dashboard/messages/order-1");

  expect(status).toBe(503);
  expect(html).toContain("Something on our side did not answer.");
  expect(html).not.toContain("InternalServerError");
});

test("An error of the dashboard itself is logged and counted, and its page has nothing of it", async () => {
  const failures: unknown[] = [];
  const counts: string[] = [];
  const broken = dashboard({
    ...{ vault: service.vault, clock: service.now, token: () => "token" },
    identify: authenticator(service.deps).identify,
    api: () => Promise.reject(new Error("an internal detail")),
    log: { line: () => {}, failure: (_, error) => failures.push(error) },
    metrics: { ...noMetrics, count: (name) => counts.push(name) },
  });
  const other = viewerOf(broken);
  await other.post("/dashboard/sign-in", { key: service.apiKey });

  const { status, html } = await other.get("/dashboard/messages");

  expect(status).toBe(500);
  expect(html).toContain("Something on our side failed");
  expect(html).not.toContain("internal detail");
  expect(failures).toEqual([new Error("an internal detail")]);
  expect(counts).toEqual(["SystemErrors"]);
});
