import { Hono } from "hono";
import * as z from "zod";
import { inWords } from "../../adapters/in-words.ts";
import { type Grouping, groupFailures, groupings } from "../../domain/failure-groups.ts";
import { limits } from "../../domain/limits.ts";
import { requireScope } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import type { ListDeps } from "./list.ts";
import { listPage } from "./list-page.ts";
import { parseQuery } from "./query.ts";
import { failuresView } from "./views.ts";

/** The members of the query. */
export const failuresMembers = z.strictObject({ by: z.enum(groupings) });

const groupingIn = (url: string): Grouping =>
  parseQuery(url, (members) => failuresMembers.safeParse(members, { error: inWords })).by;

/**
 * Returns the route of `GET /v1/failures`: what the caller's latest failures have in common. Counts
 * the latest thousand and says whether that is all.
 */
export const failures = (deps: ListDeps): Hono<ApiEnv> => {
  const { authenticate, clock } = deps;
  const app = new Hono<ApiEnv>();

  app.get("/", requireScope(authenticate, "messages:read"), async (context) => {
    const by = groupingIn(context.req.url);
    const { senderId } = context.var.caller.sender;
    const { messages, next } = await listPage(deps, {
      ...{ senderId, filter: { status: "FAILED" }, now: clock() },
      ...{ limit: limits.failuresCountedMax, examinedMax: limits.failuresCountedMax },
    });
    return context.json(failuresView(groupFailures(messages, by), next === null));
  });

  return app;
};
