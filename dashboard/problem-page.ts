import type { Context } from "hono";
import { html } from "hono/html";
import type { Log } from "../adapters/log.ts";
import type { Metrics } from "../adapters/metrics.ts";
import type { Problem } from "../client/answers.ts";
import type { DashboardEnv } from "./env.ts";
import type { Html } from "./html.ts";
import { type Page, page } from "./layout.ts";
import { PageProblem } from "./page-problem.ts";
import { base, dropSession } from "./session-cookie.ts";

type Deps = { readonly log: Log; readonly metrics: Metrics };

const ours: Problem = {
  ...{ type: "about:blank", status: 500, code: "SYSTEM_ERROR" },
  title: "Something on our side failed",
  detail: "This page could not be made. Try again; the log has what went wrong.",
};

const statuses = [400, 403, 404, 413, 500, 503] as const;
const statusOf = ({ status }: Problem): Page["status"] =>
  statuses.find((each) => each === status) ?? 400;

const wayOn = ({ code }: Problem): Html => {
  if (code === "KEY_MISSING" || code === "FORBIDDEN")
    return html`<p><a class="button" href="${base}/sign-in">Use another key</a></p>`;
  return html`<p><a class="button" href="">Try again</a> <a href="${base}">Overview</a></p>`;
};

const problemMain = (problem: Problem): Html => html`<section class="empty">
<h1>${problem.title}</h1>
<p>${problem.detail}</p>
${problem.issues ? html`<ul>${problem.issues.map(({ path, message }) => html`<li>${path.join(".")} ${message}</li>`)}</ul>` : ""}
${wayOn(problem)}
</section>`;

/**
 * Returns the page for what was thrown. An error that is not a problem is ours, and is logged.
 * A key that is not valid any more ends the session.
 */
export const problemPage = (
  context: Context<DashboardEnv>,
  { log, metrics }: Deps,
  error: unknown,
): Response | Promise<Response> => {
  if (!(error instanceof PageProblem)) {
    log.failure("a page of the dashboard failed", error);
    metrics.count("SystemErrors");
  }
  const problem = error instanceof PageProblem ? error.problem : ours;
  if (problem.code === "UNAUTHENTICATED") {
    dropSession(context);
    return context.redirect(`${base}/sign-in?ended`, 303);
  }
  return page(context, {
    title: problem.title,
    main: problemMain(problem),
    status: statusOf(problem),
  });
};
