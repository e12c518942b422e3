/** What describes the service: the OpenAPI document as it is served, and the page of it. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { operationList } from "../../../docs/openapi/operations.ts";
import type { Document } from "../../../handlers/api/docs-page/document.ts";
import { docsPage } from "../../../handlers/api/docs-page/page.ts";
import document from "../../../handlers/api/openapi.json" with { type: "json" };
import { useService } from "../../support/service.ts";

const service = useService();
const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  service.api.request(path, { headers });

test("The document is served as it was made", async () => {
  const answer = await ask("/openapi.json");

  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual(document);
});

describe.each(["/openapi.json", "/docs"])("%s", (path) => {
  test("needs no key, and may be kept for five minutes by anyone", async () => {
    const { status, headers } = await ask(path);

    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("public, max-age=300");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each([
    ["its validator", (etag: string) => etag],
    ["its validator, made weak", (etag: string) => `W/${etag}`],
    ["its validator among others", (etag: string) => `"a", ${etag}`],
    ["any version", () => "*"],
  ])("is not sent again to whoever has %s", async (_name, ifNoneMatch) => {
    const etag = (await ask(path)).headers.get("etag") ?? "";

    const answer = await ask(path, { "if-none-match": ifNoneMatch(etag) });

    expect([answer.status, await answer.text()]).toEqual([304, ""]);
    expect(answer.headers.get("etag")).toBe(etag);
  });

  test("is sent to whoever has another version", async () => {
    const { status } = await ask(path, { "if-none-match": '"another"' });

    expect(status).toBe(200);
  });
});

describe("The page", () => {
  test("may load nothing and run nothing: its own style alone is allowed, by its hash", async () => {
    const answer = await ask("/docs");

    const page = await answer.text();
    const [, style = ""] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    const hash = createHash("sha256").update(style).digest("base64");
    expect(answer.headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(page).not.toMatch(
      /<script|<link|<img|<iframe|\ssrc=|\sstyle=|\son\w+=|href="[^#/]|@import|url\(/,
    );
  });

  test.each(operationList.map(([route, operation]) => ({ route, ...operation })))(
    "shows $route with its scope and a command",
    ({ route, operationId, scope }) => {
      const page = docsPage(document);

      const start = page.indexOf(`<section id="${operationId}">`);
      const section = page.slice(start, page.indexOf("</section>", start));
      const [method = "", path = ""] = route.split(" ");
      expect(start).toBeGreaterThan(0);
      expect(section.replaceAll("<wbr>", "")).toContain(`${method}</b> <code>${path}</code>`);
      expect(section).toContain(scope ? `<code>${scope}</code>` : "Needs no key");
      expect(section).toContain("curl -s");
    },
  );

  test("shows the members of each form that an answer can have", () => {
    const page = docsPage(document);

    const section = page.slice(page.indexOf('<section id="getHistory">'));
    for (const name of ["at", "kind", "status", "number", "by.keyId", "refused"])
      expect(section).toContain(`<code>events[].${name}</code>`);
  });

  test("shows text as text", () => {
    const title = "<b onclick=alert(1)>";
    const hostile = { ...document, info: { ...document.info, title } } as Document;

    expect(docsPage(hostile)).not.toContain("<b onclick");
  });
});
