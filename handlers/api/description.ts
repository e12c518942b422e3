import { type Context, Hono } from "hono";
import { docsPage, docsPolicy } from "./docs-page/page.ts";
import type { ApiEnv } from "./env.ts";
import { etagOf, isKnown } from "./etag.ts";
import document from "./openapi.json" with { type: "json" };

/** How long others may keep what describes the service: it changes only by a deployment. */
const cacheControl = "public, max-age=300";

type Content = { readonly type: string; readonly text: string };

/** Returns a handler that makes its content at the first request, and keeps it. */
const kept = (make: () => Content, headers: Readonly<Record<string, string>> = {}) => {
  let made: (Content & { readonly etag: string }) | undefined;
  const get = () => {
    const content = make();
    made = { ...content, etag: etagOf(content.text) };
    return made;
  };
  return (context: Context<ApiEnv>): Response => {
    const { type, text, etag } = made ?? get();
    context.header("etag", etag);
    context.header("cache-control", cacheControl);
    if (isKnown(context, etag)) return context.body(null, 304);
    return context.body(text, 200, { "content-type": type, ...headers });
  };
};

/**
 * The routes that describe the service, without a key: the OpenAPI document, which is made from the
 * schemas at build time (`npm run docs`), and the same as a page.
 */
export const description = (): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>();
  app.get(
    "/openapi.json",
    kept(() => ({ type: "application/json", text: JSON.stringify(document) })),
  );
  app.get(
    "/docs",
    kept(() => ({ type: "text/html; charset=utf-8", text: docsPage(document) }), {
      "content-security-policy": docsPolicy,
    }),
  );
  return app;
};
