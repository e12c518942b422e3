import { html } from "hono/html";
import type { Job, JobVerb } from "../../client/job-answers.ts";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import type { Session } from "../session.ts";
import { badge, counted, given, moment, number } from "../shown.ts";
import { nextOfJob } from "./next.ts";
import { failedAgainPath, jobPath } from "./paths.ts";

const left = ({ progress }: Job): string => counted(progress.left, "message");

/** What each button says: what it acts on. */
const labels: Readonly<Record<JobVerb, (job: Job) => string>> = {
  pause: () => "Pause the job",
  resume: (job) => `Resume with the ${left(job)} left`,
  cancel: (job) => `Cancel the job (${left(job)} left)`,
};

const button = (
  job: Job,
  verb: JobVerb,
  session: Session,
): Html => html`<form method="post" action="${jobPath(job.jobId)}/${verb}">
${tokenOf(session)}<button class="${verb === "cancel" ? "danger" : "main"}">${labels[verb](job)}</button></form>`;

const progressBar = ({ progress, plan, action }: Job): Html => {
  const { done, failed } = progress;
  const all = Math.max(plan.count, done + failed);
  const doing = action === "replay" ? "replayed" : "cancelled";
  const label = `${number(done)} of ${number(all)} messages ${doing}`;
  return html`<p class="progress"><progress value="${done + failed}" max="${Math.max(1, all)}" aria-label="${label}"></progress>
<span>${label}${failed > 0 ? `; ${number(failed)} could not be` : ""}</span></p>`;
};

const canaryText = ({ canary }: Job): string =>
  canary
    ? `1 message, then 10; stops if more than ${Math.round(canary.failShareMax * 100)} % fail again`
    : "none";

const facts = (job: Job): Html => html`<dl class="facts">
<dt>Planned</dt><dd>${counted(job.plan.count, "message")}${job.plan.isExact ? "" : ", and maybe more"}, ${number(job.plan.writeUnits)} write units</dd>
<dt>Rate</dt><dd>${number(job.ratePerSecond)} a second</dd>
${job.action === "replay" ? html`<dt>Canaries</dt><dd>${canaryText(job)}</dd>` : ""}
<dt>Created</dt><dd>${moment(job.createdAt)}${job.by.keyId === undefined ? "" : html` with key ${given(job.by.keyId)}`}${job.by.address === undefined ? "" : html` from ${given(job.by.address)}`}</dd>
${job.endedAt === undefined ? "" : html`<dt>Ended</dt><dd>${moment(job.endedAt)}</dd>`}
</dl>`;

const changes = (job: Job): Html =>
  job.changes.length === 0
    ? html``
    : html`<div class="scroll"><table class="list"><caption>Who changed it</caption>
<thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">With key</th><th scope="col">From</th></tr></thead>
<tbody>${job.changes.map(({ verb, at, by }) => html`<tr><td>${moment(at)}</td><th scope="row">${verb}</th><td data-label="With key">${given(by.keyId ?? "")}</td><td data-label="From">${given(by.address ?? "")}</td></tr>`)}</tbody></table></div>`;

/** Returns the part of a job's page that changes: where it is, what is next, what can be done. */
export const jobState = (
  job: Job,
  session: Session,
): Html => html`<div class="card"><p class="state">${badge(job.status)} <span>${job.why}</span></p>
${progressBar(job)}
<p class="next"><b>Next</b> ${nextOfJob(job)}</p>
${job.canDo.length === 0 ? "" : html`<div class="actions">${job.canDo.map((verb) => button(job, verb, session))}</div>`}
</div>
<div class="card">
${facts(job)}
${job.action === "replay" && job.progress.done > 0 ? html`<p><a href="${failedAgainPath(job)}">Messages that failed again since</a></p>` : ""}
</div>
${changes(job)}`;
