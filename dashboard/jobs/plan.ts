import type { Context } from "hono";
import { html } from "hono/html";
import type { CreatedJob, JobPlan } from "../../client/job-answers.ts";
import type { DashboardEnv } from "../env.ts";
import { resultOf, setFlash } from "../flash.ts";
import { type Form, readOwnForm } from "../form.ts";
import { page } from "../layout.ts";
import type { SessionDeps } from "../session-cookie.ts";
import { planWords } from "./action-words.ts";
import { actionOf, jobBodyOf, members, type PlanAsked, planAskedIn } from "./asked.ts";
import { jobPath, planPath } from "./paths.ts";
import { planForm } from "./plan-form.ts";
import { planRefused, planView } from "./plan-view.ts";

/** Shows the plan of a job, and the form that changes it. Planning changes nothing. */
export const planPage = async (context: Context<DashboardEnv>) => {
  const asked = planAskedIn(context.req.query());
  const { as, session } = context.var;
  const body = { ...jobBodyOf(asked), planOnly: true };
  const answer = await as("sender").send<{ plan: JobPlan }>("POST", "/v1/jobs", body);
  const isRefused = answer.kind === "refused";
  const { title, crumb } = planWords[actionOf(asked)];
  const [section, path] = crumb;
  const main = html`<p class="crumbs"><a href="${path}">${section}</a></p>
<h1>${title}</h1>
<div class="plan">${isRefused ? planRefused(answer.problem) : planView(asked, answer.value.plan, session)}
${planForm(asked)}</div>`;
  return page(context, {
    ...{ title, section, main },
    status: isRefused ? 400 : 200,
  });
};

const askedOf = (form: Form): PlanAsked =>
  planAskedIn(Object.fromEntries(members.map((member) => [member, form.get(member)])));

/**
 * Makes a job of a plan. To send the form twice makes one job. A plan that is out of date, or that
 * became another job, is shown anew.
 */
export const createJob = async (context: Context<DashboardEnv>, deps: SessionDeps) => {
  const form = await readOwnForm(context);
  const asked = askedOf(form);
  const body = { ...jobBodyOf(asked), plan: form.get("plan") };
  const answer = await context.var.as("sender").send<CreatedJob>("POST", "/v1/jobs", body);
  if (answer.kind === "answer") return context.redirect(jobPath(answer.value.jobId), 303);
  setFlash(
    context,
    deps,
    resultOf(answer, () => ""),
  );
  return context.redirect(planPath(asked), 303);
};
