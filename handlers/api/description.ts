import { type Context, Hono } from "hono";
import { onFirstUse } from "../../entities/first-use.ts";
import type { Content } from "./description-content.ts";
import type { ApiEnv } from "./env.ts";
import { etagOf, isKnown } from "./etag.ts";

/** How long others may keep what describes the service: it changes only by a deployment. */
const cacheControl = "public, max-age=300";

type Made = Content & { readonly etag: string };

/** Returns a handler that makes its content at the first request, and keeps it. */
const kept = (make: () => Promise<Content>) => {
  const made = onFirstUse(async (): Promise<Made> => {
    const content = await make();
    return { ...content, etag: etagOf(content.text) };
  });
  return async (context: Context<ApiEnv>): Promise<Response> => {
    const { type, text, etag, headers } = await made();
    context.header("etag", etag);
    context.header("cache-control", cacheControl);
    if (isKnown(context, etag)) return context.body(null, 304);
    return context.body(text, 200, { "content-type": type, ...headers });
  };
};

/** Loaded when it is asked for: it is a tenth of the API's bundle, and few ask. */
const content = () => import("./description-content.ts");

/**
 * Returns the routes that describe the service, without a key: the OpenAPI document, and the same
 * as a page.
 */
export const description = (): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>();
  app.get(
    "/openapi.json",
    kept(async () => (await content()).openApiContent()),
  );
  app.get(
    "/docs",
    kept(async () => (await content()).docsContent()),
  );
  return app;
};
