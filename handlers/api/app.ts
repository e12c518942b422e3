import { Hono } from "hono";
import type { Log } from "../../adapters/log.ts";
import { Problem } from "../../domain/problem.ts";
import { refuseOtherMethods } from "./allowed-methods.ts";
import { counts } from "./counts.ts";
import { type DashboardRouteDeps, dashboardRoute } from "./dashboard.ts";
import { type DeliveryCheckDeps, deliveryCheck } from "./delivery-check.ts";
import { description } from "./description.ts";
import type { ApiEnv } from "./env.ts";
import { failures } from "./failures.ts";
import { type JobsDeps, jobs } from "./jobs.ts";
import { type MessagesDeps, messages } from "./messages.ts";
import { type OutcomesDeps, outcomes } from "./outcomes.ts";
import { problemAnswer, problemOf } from "./problem-answer.ts";
import { type SendersDeps, senders } from "./senders.ts";

export type ApiDeps = MessagesDeps &
  JobsDeps &
  SendersDeps &
  OutcomesDeps &
  DeliveryCheckDeps &
  DashboardRouteDeps & { readonly log: Log };

/**
 * Returns the HTTP interface, version 1, and the dashboard, which asks it. The same app answers
 * Lambda's events and the local server.
 *
 * @example
 * const answer = await api(deps).request("/v1/messages/order-1", { headers: { authorization } });
 */
export const api = (deps: ApiDeps): Hono<ApiEnv> => {
  const { log, metrics, tracing } = deps;
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
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  const isDelivery = deliveryCheck(deps);
  // To whoever is not a worker of this deployment, there is nothing.
  app.post("/healthz/delivery", async (context) =>
    (await isDelivery(context)) ? context.body(null, 204) : context.notFound(),
  );
  app.route("/v1/messages", messages(deps));
  app.route("/v1/counts", counts(deps));
  app.route("/v1/failures", failures(deps));
  app.route("/v1/outcomes", outcomes(deps));
  app.route("/v1/jobs", jobs(deps));
  app.route("/v1/senders", senders(deps));
  app.route("/", description());
  app.route(
    "/",
    dashboardRoute(deps, (request, bindings) => app.fetch(request, bindings)),
  );
  refuseOtherMethods(app);

  app.notFound((context) =>
    problemAnswer(context, new Problem("NOT_FOUND", "There is nothing at this address.")),
  );
  app.onError((error, context) =>
    problemAnswer(context, problemOf({ log, metrics }, error, context.var.about)),
  );
  return app;
};
