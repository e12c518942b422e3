import { html } from "hono/html";
import type { Problem } from "../../client/answers.ts";
import type { JobPlan } from "../../client/job-answers.ts";
import { prices } from "../../domain/prices.ts";
import { tokenOf } from "../form.ts";
import type { Html } from "../html.ts";
import { listPath } from "../messages/filter.ts";
import { countText, wordFor } from "../numbers.ts";
import type { Session } from "../session.ts";
import { given, number } from "../shown.ts";
import { planWords, takes } from "./action-words.ts";
import { actionOf, type PlanAsked } from "./asked.ts";
import { messagesInWords } from "./in-words.ts";
import { jobsPath } from "./paths.ts";

/** Returns about what so many write units cost on AWS. */
const priceText = (writeUnits: number): string => {
  const dollars = writeUnits * prices.writeUnit;
  return dollars < 0.01 ? "less than $0.01" : `about $${dollars.toFixed(2)}`;
};

const isOf = ({ action, status, reason, target, from, to }: PlanAsked) =>
  ({
    status: status ?? (action === "cancel" ? "unfinished" : "FAILED"),
    reason,
    target,
    from,
    to,
  }) as Parameters<typeof messagesInWords>[0];

const hosts = ({ groups }: JobPlan, caption: string): Html => html`<table class="list">
<caption>${caption}</caption>
<thead><tr><th scope="col">Target</th><th scope="col" class="number">Messages</th></tr></thead>
<tbody>${groups.map(({ key, count }) => html`<tr><th scope="row">${given(key)}</th><td class="number" data-label="Messages">${number(count)}</td></tr>`)}</tbody>
</table>`;

const stopRule = ({ canary, stop }: PlanAsked): string =>
  canary === "off"
    ? "No canaries: all begin at the rate."
    : `1 message first, then 10. It stops by itself if more than ${stop} % of them fail again.`;

/** The button says what it acts on. The plan's token makes it act on what was planned. */
const start = (asked: PlanAsked, plan: JobPlan, session: Session): Html => {
  const words = planWords[actionOf(asked)];
  return html`<form method="post" action="${jobsPath}">
${tokenOf(session)}
<input type="hidden" name="plan" value="${plan.token}">
${Object.entries(asked).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="${words.tone}">${words.verb} ${countText(plan)} matching</button>
<span class="hint">${words.hint}</span>
</form>`;
};

/** Returns what a plan says: how many, what it takes, where to; and the button that begins. */
export const planView = (asked: PlanAsked, plan: JobPlan, session: Session): Html => {
  if (plan.count === 0)
    return html`<div class="empty"><h2>No message matches</h2>
<p>There are no ${messagesInWords(isOf(asked))}. Nothing is to be done.</p></div>`;
  return html`<section class="card" aria-labelledby="plan">
<h2 id="plan">The plan</h2>
<p class="lead"><a href="${listPath(isOf(asked))}">${countText(plan)} ${wordFor(plan, "message")}</a>
${wordFor(plan, "matches", "match")}${plan.isExact ? "" : ", and there may be more"}.</p>
<dl class="facts">
<dt>Takes</dt><dd>${takes(plan.seconds, asked.rate)}</dd>
<dt>Costs</dt><dd>${priceText(plan.writeUnits)} <span class="hint">${number(plan.writeUnits)} write units on AWS, ${prices.region}, ${prices.asOf}</span></dd>
${actionOf(asked) === "replay" ? html`<dt>Stop rule</dt><dd>${stopRule(asked)}</dd>` : ""}
</dl>
${hosts(plan, actionOf(asked) === "replay" ? "Where they go" : "Where they would go")}
${start(asked, plan, session)}
</section>`;
};

/** Returns why there is no plan: every fault of the form. */
export const planRefused = ({
  title,
  detail,
  issues = [],
}: Problem): Html => html`<div class="empty" role="alert">
<h2>${title}</h2>
${
  issues.length > 0
    ? html`<ul>${issues.map(({ path, message }) => html`<li><b>${nameOf(path)}</b> ${message}</li>`)}</ul>`
    : html`<p>${detail}</p>`
}</div>`;

const names: Readonly<Record<string, string>> = {
  ratePerSecond: "Messages a second",
  canary: "The share to stop at",
  "canary.failShareMax": "The share to stop at",
  "filter.target": "Target",
  "filter.reason": "Cause",
  "filter.status": "Status",
  "filter.from": "From",
  "filter.to": "Before",
};
const nameOf = (path: readonly (string | number)[]): string =>
  names[path.join(".")] ?? path.join(".");
