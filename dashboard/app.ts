import { Hono } from "hono";
import { csrf } from "hono/csrf";
import { HTTPException } from "hono/http-exception";
import { secureHeaders } from "hono/secure-headers";
import type { Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";
import type { AskDeps } from "./ask.ts";
import { assets } from "./assets.ts";
import type { DashboardEnv } from "./env.ts";
import { takeFlash } from "./flash.ts";
import { jobs } from "./jobs/routes.ts";
import { message } from "./message/routes.ts";
import { messages } from "./messages/routes.ts";
import { now } from "./now/routes.ts";
import { foreignForm, noPage } from "./page-problem.ts";
import { problemPage } from "./problem-page.ts";
import { senders } from "./senders/routes.ts";
import { base, requireSession } from "./session-cookie.ts";
import { type SignInDeps, signIn } from "./sign-in.ts";
import { undelivered } from "./undelivered/routes.ts";

export type DashboardDeps = SignInDeps & AskDeps & { readonly log: Log; readonly metrics: Metrics };

/**
 * What a browser may do with a page: load our script, our style and drawn images, ask us, and send
 * forms to us. Nothing is inline and nothing is from elsewhere.
 */
const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    ...{ scriptSrc: ["'self'"], styleSrc: ["'self'"], connectSrc: ["'self'"] },
    imgSrc: ["'self'", "data:"],
    ...{ formAction: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"] },
  },
  // With `no-referrer` a browser would not say which site a form is from.
  referrerPolicy: "same-origin",
  xFrameOptions: "DENY",
  strictTransportSecurity: "max-age=31536000",
});

/**
 * Returns the dashboard, below `/dashboard`: pages that are made on the server, and that work
 * without script. What they show and do, they ask of the HTTP interface with the viewer's key.
 */
export const dashboard = (deps: DashboardDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>().basePath(base);
  app.use(headers);
  app.route("/", assets());
  // Forms of other sites end here. Those of a session have its token besides.
  app.use(csrf());
  app.route("/", signIn(deps));
  app.use(requireSession(deps));
  app.use(async (context, next) => {
    context.set("flash", () => takeFlash(context, deps));
    await next();
  });
  app.route("/", now());
  app.route("/messages", messages());
  app.route("/messages", message(deps));
  app.route("/undelivered", undelivered());
  app.route("/jobs", jobs(deps));
  app.route("/senders", senders(deps));
  app.all("/*", () => {
    throw noPage();
  });
  app.onError((error, context) => {
    return problemPage(context, deps, error instanceof HTTPException ? foreignForm() : error);
  });
  return app;
};
