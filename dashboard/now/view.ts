import { html } from "hono/html";
import type { Html } from "../html.ts";
import { planPath } from "../jobs/paths.ts";
import { listPath } from "../messages/filter.ts";
import { away, given, number } from "../shown.ts";
import { type Part, situationInWords } from "./sentence.ts";
import type { SituationNow } from "./situation.ts";
import type { Target } from "./targets.ts";

const hrefs = { failing: "#targets", waiting: listPath({ status: "unfinished" }) } as const;

const part = ({ text, href }: Part): Html =>
  href === undefined ? html`${text}` : html`<a href="${href}">${text}</a>`;

/** Returns the first sentence of the page. */
export const sentence = (situation: SituationNow): Html =>
  html`<p class="sentence">${situationInWords(situation, hrefs).map(part)}</p>`;

const targetRow = (target: Target, now: number): Html => {
  const { host, isFailing, waiting, undelivered, lastFailureAt } = target;
  const at = lastFailureAt === undefined ? undefined : new Date(lastFailureAt).toISOString();
  const list = (status: string, count: number): Html =>
    count === 0
      ? html`0`
      : html`<a href="${listPath({ status, target: host })}">${number(count)}<span class="unseen"> ${status} to ${host}</span></a>`;
  return html`<tr>
<td>${isFailing ? html`<span class="badge bad"><span aria-hidden="true">✕</span> failing</span>` : html`<span class="badge none"><span aria-hidden="true">○</span> quiet</span>`}</td>
<th scope="row">${given(host)}</th>
<td class="number" data-label="Waiting">${list("unfinished", waiting)}</td>
<td class="number" data-label="FAILED">${list("FAILED", undelivered)}</td>
<td class="time" data-label="Last failure">${at === undefined ? "none" : away(at, now)}</td>
<td>${undelivered > 0 ? html`<a class="button" href="${planPath({ target: host })}">Plan a replay<span class="unseen"> to ${host}</span></a>` : ""}</td>
</tr>`;
};

/** How many of the worst targets are shown. */
const targetsMax = 10;

/** Returns the worst targets as a table. */
export const worstTargets = (
  targets: readonly Target[],
  now: number,
): Html => html`<section aria-labelledby="targets">
<h2 id="targets" tabindex="-1">Worst targets</h2>
${
  targets.length === 0
    ? html`<p class="soft">No message waits, and none FAILED.</p>`
    : html`<div class="scroll"><table class="list">
<caption class="soft">Failing: a message waits after an attempt that failed, or one FAILED in the last hour</caption>
<thead><tr><th scope="col">State</th><th scope="col">Target</th><th scope="col" class="number">Waiting</th>
<th scope="col" class="number">FAILED</th><th scope="col">Last failure</th><th scope="col">Action</th></tr></thead>
<tbody>${targets.slice(0, targetsMax).map((target) => targetRow(target, now))}</tbody>
</table></div>`
}
</section>`;
