import { Hono } from "hono";
import type { Clock } from "../../adapters/clock.ts";
import type { Vault } from "../../adapters/vault.ts";
import { limits } from "../../domain/limits.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import type { ApiEnv } from "./env.ts";
import { cursorTo, positionIn } from "./list-cursor.ts";
import { type ListPageDeps, listPage } from "./list-page.ts";
import { parseListQuery } from "./list-query.ts";
import { listView } from "./views.ts";

export type ListDeps = ListPageDeps & {
  readonly authenticate: Authenticate;
  readonly clock: Clock;
  readonly vault: Vault;
  /** Whether an index of all messages is kept. */
  readonly listAll: boolean;
};

/** Returns the route of `GET /v1/messages`: the caller's messages, page by page. */
export const list = (deps: ListDeps): Hono<ApiEnv> => {
  const { authenticate, clock, vault, listAll } = deps;
  const app = new Hono<ApiEnv>();

  app.get("/", requireScope(authenticate, "messages:read"), async (context) => {
    const { senderId } = context.var.caller.sender;
    const { filter, limit, cursor } = parseListQuery(context.req.url, listAll);
    const of = { senderId, filter };
    const { messages, next } = await listPage(deps, {
      ...{ ...of, limit, now: clock(), examinedMax: limits.listExaminedMax },
      after: cursor === undefined ? undefined : positionIn(vault, of, cursor),
    });
    return context.json(listView(messages, next && cursorTo(vault, of, next)));
  });

  return app;
};
