import { Hono } from "hono";
import type { Log } from "../../adapters/log.ts";
import type { Metrics } from "../../adapters/metrics.ts";
import type { Tracing } from "../../adapters/tracing.ts";
import { Problem } from "../../domain/problem.ts";
import type { ApiEnv } from "./env.ts";
import { problemAnswer, problemOf } from "./problem-answer.ts";

export type FrameDeps = {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
};

/**
 * Returns an app without routes, in which every answer has the headers of all answers, and every
 * failure is answered as a problem.
 */
export const frame = ({ log, metrics, tracing }: FrameDeps): Hono<ApiEnv> => {
  const app = new Hono<ApiEnv>();
  app.use(async (context, next) => {
    await next();
    // Not by `context.header`: of an answer that is there it makes another one for each header.
    const { headers } = context.res;
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
    await tracing.flush();
    metrics.flush();
  });
  app.notFound((context) =>
    problemAnswer(context, new Problem("NOT_FOUND", "There is nothing at this address.")),
  );
  app.onError((error, context) =>
    problemAnswer(context, problemOf({ log, metrics }, error, context.var.about)),
  );
  return app;
};
