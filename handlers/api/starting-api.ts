import type { Hono } from "hono";
import { onFirstUse } from "../../entities/first-use.ts";
import type { ApiEnv } from "./env.ts";
import { type FrameDeps, frame } from "./frame.ts";
import { type FrequentDeps, frequent } from "./frequent.ts";

/**
 * Returns the HTTP interface as a function starts it: with the routes of nearly all requests. At the
 * first other request it gets the whole interface, which answers that one and all others like it. So
 * only the whole interface knows which routes there are, and which methods a path has.
 */
export const startingApi = (
  deps: FrameDeps & FrequentDeps,
  getWhole: () => Promise<Hono<ApiEnv>>,
): Hono<ApiEnv> => {
  const app = frame(deps);
  const whole = onFirstUse(getWhole);
  app.route("/", frequent(deps));
  app.all("*", async ({ req, env }) => (await whole()).fetch(req.raw, env));
  return app;
};
