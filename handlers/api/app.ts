import type { Hono } from "hono";
import { refuseOtherMethods } from "./allowed-methods.ts";
import { counts } from "./counts.ts";
import { type DashboardRouteDeps, dashboardRoute } from "./dashboard.ts";
import { type DeliveryCheckDeps, deliveryCheck } from "./delivery-check.ts";
import { description } from "./description.ts";
import type { ApiEnv } from "./env.ts";
import { failures } from "./failures.ts";
import { type FrameDeps, frame } from "./frame.ts";
import { type FrequentDeps, frequent } from "./frequent.ts";
import { type JobsDeps, jobs } from "./jobs.ts";
import { type MessagesDeps, messages } from "./messages.ts";
import { type OutcomesDeps, outcomes } from "./outcomes.ts";
import { type SendersDeps, senders } from "./senders.ts";

export type ApiDeps = FrameDeps &
  FrequentDeps &
  MessagesDeps &
  JobsDeps &
  SendersDeps &
  OutcomesDeps &
  DeliveryCheckDeps &
  DashboardRouteDeps;

/**
 * Returns the HTTP interface, version 1, with all its routes, and the dashboard, which asks it.
 *
 * @example
 * const answer = await api(deps).request("/v1/messages/order-1", { headers: { authorization } });
 */
export const api = (deps: ApiDeps): Hono<ApiEnv> => {
  const app = frame(deps);
  const isDelivery = deliveryCheck(deps);
  // To whoever is not a worker of this deployment, there is nothing.
  app.post("/healthz/delivery", async (context) =>
    (await isDelivery(context)) ? context.body(null, 204) : context.notFound(),
  );
  app.route("/", frequent(deps));
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
  return app;
};
