import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Job, JobPage, JobVerb } from "../../client/job-answers.ts";
import { jobVerbs } from "../../domain/job.ts";
import type { DashboardEnv } from "../env.ts";
import { resultOf, setFlash } from "../flash.ts";
import { readOwnForm } from "../form.ts";
import { fragment, spoken } from "../fragment.ts";
import { page } from "../layout.ts";
import type { SessionDeps } from "../session-cookie.ts";
import { jobInWords } from "./in-words.ts";
import { jobState } from "./job-view.ts";
import { jobList } from "./list-view.ts";
import { jobPath, jobsPath } from "./paths.ts";
import { createJob, planPage } from "./plan.ts";

/** How often a job that goes on is refreshed, and the list of jobs. */
const jobSeconds = 2;
const listSeconds = 5;

const apiPath = (jobId: string): string => `/v1/jobs/${encodeURIComponent(jobId)}`;

const listPage = async (context: Context<DashboardEnv>) => {
  const { as, now } = context.var;
  const cursor = context.req.query("cursor");
  const query = cursor === undefined ? "" : `?${new URLSearchParams({ cursor })}`;
  const jobs = await as("sender").page<JobPage>(`/v1/jobs${query}`);
  const main = html`<h1>Jobs</h1>${fragment("jobs", jobList(jobs, cursor === undefined, now))}`;
  return page(context, { title: "Jobs", section: "Jobs", main, refreshSeconds: listSeconds });
};

const jobPage = async (context: Context<DashboardEnv>, jobId: string) => {
  const job = await context.var.as("sender").page<Job>(apiPath(jobId));
  const title = jobInWords(job);
  const main = html`<p class="crumbs"><a href="${jobsPath}">Jobs</a></p><h1>${title}</h1>
${spoken(`The job is ${job.status}.`)}
${fragment("job", jobState(job, context.var.session))}`;
  return page(context, { title, section: "Jobs", main, refreshSeconds: jobSeconds });
};

const steered: Readonly<Record<JobVerb, string>> = {
  pause: "The job is paused. Messages that are scheduled already still begin, within a minute.",
  resume: "The job goes on.",
  cancel: "The job is cancelled. What it did before stays.",
};

/** Returns the routes under `/dashboard/jobs`: plans, and what became of them. */
export const jobs = (deps: SessionDeps): Hono<DashboardEnv> => {
  const app = new Hono<DashboardEnv>();
  app.get("/", listPage);
  app.get("/plan", planPage);
  app.post("/", (context) => createJob(context, deps));
  app.get("/:jobId", (context) => jobPage(context, context.req.param("jobId")));

  for (const verb of jobVerbs)
    app.post(`/:jobId/${verb}`, async (context) => {
      await readOwnForm(context);
      const jobId = String(context.req.param("jobId"));
      const answer = await context.var.as("sender").send<Job>("POST", `${apiPath(jobId)}/${verb}`);
      setFlash(
        context,
        deps,
        resultOf(answer, () => steered[verb]),
      );
      return context.redirect(jobPath(jobId), 303);
    });
  return app;
};
