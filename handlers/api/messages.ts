import { Hono } from "hono";
import { attemptViews } from "../../domain/history.ts";
import { timelineOf } from "../../domain/timeline.ts";
import type { AttemptStore } from "../../entities/attempt.ts";
import type { PayloadStore } from "../../entities/payload.ts";
import { type Authenticate, requireScope } from "./authenticate.ts";
import { bodyRoute } from "./body.ts";
import type { ApiEnv } from "./env.ts";
import { type ListDeps, list } from "./list.ts";
import { findMessage, noteMessage } from "./message-in-path.ts";
import { type SteerDeps, steerRoutes } from "./steer.ts";
import { attemptsView, historyView, whyView } from "./views.ts";

export type MessagesDeps = SteerDeps &
  ListDeps & {
    readonly payloads: PayloadStore;
    readonly attempts: AttemptStore;
    readonly authenticate: Authenticate;
    readonly clockMarginMs: number;
  };

/** Returns the routes under `/v1/messages`, without those that are `frequent`. */
export const messages = (deps: MessagesDeps): Hono<ApiEnv> => {
  const { authenticate, clock } = deps;
  const mayWrite = requireScope(authenticate, "messages:write");
  const mayRead = requireScope(authenticate, "messages:read");
  const factsNow = () => ({ now: clock(), clockMarginMs: deps.clockMarginMs });
  const app = new Hono<ApiEnv>();

  app.route("/", list(deps));

  app.get("/:messageId/why", noteMessage, mayRead, async (context) =>
    context.json(whyView(await findMessage(deps, context), factsNow())),
  );

  app.get("/:messageId/attempts", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    return context.json(attemptsView(attemptViews(message, await deps.attempts.of(message))));
  });

  app.get("/:messageId/history", noteMessage, mayRead, async (context) => {
    const message = await findMessage(deps, context);
    const [stored, entries] = await Promise.all([
      deps.attempts.of(message),
      deps.actions.of(message),
    ]);
    return context.json(historyView(timelineOf(message, stored, entries)));
  });

  bodyRoute(app, deps, mayRead);
  steerRoutes(app, deps, mayWrite);
  return app;
};
