import { html } from "hono/html";
import type { FailureGroup, Failures } from "../../client/answers.ts";
import type { Grouping } from "../../domain/failure-groups.ts";
import { failReasonInWords } from "../../domain/why.ts";
import type { Html } from "../html.ts";
import { planPath } from "../jobs/paths.ts";
import { listPath } from "../messages/filter.ts";
import { messagePath } from "../messages/rows.ts";
import { type Count, countText, wordFor } from "../numbers.ts";
import { away, given, number, when } from "../shown.ts";

export type UndeliveredFacts = {
  readonly by: Grouping;
  readonly failures: Failures;
  readonly count: Count;
  readonly now: number;
};

const tabs = [
  ["reason", "By cause"],
  ["target", "By target"],
] as const satisfies readonly (readonly [Grouping, string])[];

/** Returns the two ways to group, as links. */
export const groupingTabs = (by: Grouping): Html => html`<nav class="tabs" aria-label="Grouping">
${tabs.map(([each, name]) => html`<a class="tab" href="/dashboard/undelivered?by=${each}"${when(each === by, 'aria-current="page"')}>${name}</a>`)}</nav>`;

const groupRow = ({ by, now, failures }: UndeliveredFacts, group: FailureGroup): Html => {
  const { key, count, since, lastAt, exampleMessageId } = group;
  const those = { [by]: key };
  return html`<tr>
<th scope="row"><a href="${listPath({ ...those, status: "FAILED" })}">${given(key)}</a>
${by === "reason" ? html`<span class="hint">${failReasonInWords(key)}</span>` : ""}</th>
<td class="number" data-label="Messages">${number(count)}${failures.isComplete ? "" : "+"}</td>
<td class="time" data-label="Since">${away(since, now)}</td>
<td class="time" data-label="Latest">${away(lastAt, now)}</td>
<td data-label="Example"><a href="${messagePath(exampleMessageId)}">${given(exampleMessageId)}</a></td>
<td><a class="button" href="${planPath(those)}">Plan a replay<span class="unseen"> of those ${by === "reason" ? "with the reason" : "to"} ${key}</span></a></td>
</tr>`;
};

const nothing = html`<div class="empty"><h2>Nothing is undelivered</h2>
<p>A message comes here when it FAILED: its attempts ran out, its time was over, or its target answered
410 Gone. It is kept, and can be replayed when the target works again.</p>
<p><a class="button" href="/dashboard/messages?status=unfinished">See what waits</a></p></div>`;

/** Returns the groups of what FAILED, the largest first; or what would be here. */
export const undelivered = (facts: UndeliveredFacts): Html => {
  const { by, failures, count } = facts;
  if (failures.groups.length === 0) return nothing;
  return html`<p class="lead"><a href="${listPath({ status: "FAILED" })}">${countText(count)} ${wordFor(count, "message")}</a> FAILED.
${failures.isComplete ? "" : "The latest 1,000 are grouped here."}</p>
<div class="scroll"><table class="list">
<caption>${by === "reason" ? "Causes" : "Targets"}, the most messages first</caption>
<thead><tr><th scope="col">${by === "reason" ? "Cause" : "Target"}</th><th scope="col" class="number">Messages</th>
<th scope="col">Since</th><th scope="col">Latest</th><th scope="col">Example</th><th scope="col">Action</th></tr></thead>
<tbody>${failures.groups.map((group) => groupRow(facts, group))}</tbody>
</table></div>
<p class="after"><a class="button" href="${planPath()}">Plan a replay of all ${countText(count)}</a></p>`;
};
