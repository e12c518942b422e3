import { html } from "hono/html";
import type { Job, JobPage } from "../../client/job-answers.ts";
import type { Html } from "../html.ts";
import { away, badge, given, number } from "../shown.ts";
import { jobInWords } from "./in-words.ts";
import { jobPath, jobsPath } from "./paths.ts";

const row = (job: Job, now: number): Html => html`<tr>
<td>${badge(job.status)}</td>
<th scope="row"><a href="${jobPath(job.jobId)}">${jobInWords(job)}</a></th>
<td class="number" data-label="Messages">${number(job.progress.done)} of ${number(Math.max(job.plan.count, job.progress.done))}</td>
<td class="time" data-label="Created">${away(job.createdAt, now)}</td>
<td data-label="By key">${job.by.keyId === undefined ? "" : given(job.by.keyId)}</td>
</tr>`;

const none = html`<div class="empty"><h2>There is no job yet</h2>
<p>A job replays every message that matches a filter: planned first, at a rate, and with a few messages
ahead of all others that stop it if they fail again. It goes on after a crash and does nothing twice.</p>
<p><a class="button" href="/dashboard/undelivered">See what is undelivered</a></p></div>`;

/** Returns the list of jobs, the newest first; or what a job is, if there is none. */
export const jobList = ({ items, nextCursor }: JobPage, isFirst: boolean, now: number): Html => {
  if (items.length === 0 && isFirst) return none;
  return html`<div class="scroll"><table class="list">
<caption>Jobs, newest first</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Job</th><th scope="col" class="number">Messages</th>
<th scope="col">Created</th><th scope="col">By key</th></tr></thead>
<tbody>${items.map((job) => row(job, now))}</tbody>
</table></div>
<p class="pages">${isFirst ? "" : html`<a href="${jobsPath}">Newest</a>`}
${nextCursor ? html`<a rel="next" href="${jobsPath}?${new URLSearchParams({ cursor: nextCursor }).toString()}">Older</a>` : html`<span class="soft">There are no older ones.</span>`}</p>`;
};
