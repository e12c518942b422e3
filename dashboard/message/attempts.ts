import { html } from "hono/html";
import type { Attempt } from "../../client/answers.ts";
import type { Html } from "../html.ts";
import { away, badge, counted, givenBlock, number } from "../shown.ts";
import { bar, legend, phaseTable } from "./waterfall.ts";

const outcomeInWords = ({ status, class: what }: Attempt): string => {
  if (status !== undefined) return `answered ${status}`;
  return what === undefined || what === "unknown" ? "" : what;
};

const hint: Partial<Readonly<Record<Attempt["outcome"], string>>> = {
  delivered: "An older version delivered it, and kept no times.",
  unknown: "Its worker was lost: whether the target got the request is not known.",
};

const drawn = (attempt: Attempt, longestMs: number): Html =>
  attempt.durationMs === undefined
    ? html`<span class="hint">${hint[attempt.outcome] ?? ""}</span>`
    : html`${bar(attempt, longestMs)}<span class="took">${number(attempt.durationMs)} ms</span>`;

const one = (attempt: Attempt, longestMs: number, now: number): Html => html`<li>
<p class="attempt"><b>Attempt ${attempt.number}</b> ${badge(attempt.outcome)} ${outcomeInWords(attempt)}
<span class="soft">${attempt.startedAt ? away(attempt.startedAt, now) : ""}</span></p>
<div class="drawn">${drawn(attempt, longestMs)}</div>
${
  attempt.responseText === undefined
    ? ""
    : html`<details id="response-${attempt.number}"><summary>Response</summary>${givenBlock(attempt.responseText)}</details>`
}</li>`;

/** So many are on a page: a message that is replayed again and again has thousands. */
const shownMax = 25;

const earlier = (count: number): Html | string =>
  count > 0
    ? html`<p class="hint">${counted(count, "earlier attempt")}: the HTTP interface has all of them.</p>`
    : "";

/** Returns the attempts of a message, the latest first, with what each phase of them took. */
export const attemptList = (attempts: readonly Attempt[], now: number): Html => {
  if (attempts.length === 0)
    return html`<h2>Attempts</h2><p class="soft">No attempt has been made yet.</p>`;
  const latest = attempts.slice(-shownMax);
  const timed = latest.filter(({ durationMs }) => durationMs !== undefined);
  const longestMs = Math.max(...timed.map(({ durationMs = 0 }) => durationMs), 1);
  return html`<h2>Attempts</h2>
${timed.length > 0 ? legend() : ""}
<ol class="attempts" reversed>${latest.toReversed().map((each) => one(each, longestMs, now))}</ol>
${earlier(attempts.length - latest.length)}
${timed.length > 0 ? html`<details id="phases"><summary>As a table</summary>${phaseTable(timed)}</details>` : ""}`;
};
