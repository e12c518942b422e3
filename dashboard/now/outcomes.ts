import { html } from "hono/html";
import type { Html } from "../html.ts";
import { listPath } from "../messages/filter.ts";
import { moment, number, when } from "../shown.ts";
import { mergedOutcomes, type Outcomes, outcomeBars, outcomesInWords } from "./bars.ts";
import type { OutcomesAnswer } from "./read.ts";

/** The stretches of time that outcomes are shown for, in hours. */
export const periods = [
  [1, "1 h"],
  [6, "6 h"],
  [24, "24 h"],
  [168, "7 d"],
] as const;

const barsMax = 48;

const periodTabs = (hours: number): Html => html`<nav class="tabs" aria-label="Period">
${periods.map(([each, name]) => html`<a class="tab" href="/dashboard?hours=${each}"${when(each === hours, 'aria-current="page"')}>${name}</a>`)}</nav>`;

const legend = html`<ul class="chart-legend">
<li><span class="swatch completed"></span>accepted, above the line</li>
<li><span class="swatch failed"></span>FAILED, below it</li>
<li><span class="swatch retried"></span>failed and made again</li>
</ul>`;

const iso = (ms: number): string => new Date(ms).toISOString();

const row = ({ from, to, completed, retried, failed }: Outcomes): Html => html`<tr>
<th scope="row">${moment(iso(from))}</th>
<td class="number" data-label="Accepted">${number(completed)}</td>
<td class="number" data-label="Made again">${number(retried)}</td>
<td class="number" data-label="FAILED">${failed === 0 ? "0" : html`<a href="${listPath({ status: "FAILED", from: iso(from), to: iso(to) })}">${number(failed)}</a>`}</td>
</tr>`;

const table = (
  outcomes: readonly Outcomes[],
): Html => html`<details id="outcomes-table"><summary>The same as a table</summary>
<div class="scroll"><table class="list"><caption>About how many attempts ended, by time</caption>
<thead><tr><th scope="col">From</th><th scope="col" class="number">Accepted</th><th scope="col" class="number">Made again</th><th scope="col" class="number">FAILED</th></tr></thead>
<tbody>${[...outcomes].reverse().map(row)}</tbody></table></div></details>`;

const drawn = (outcomes: readonly Outcomes[]): Html => {
  const [first, last] = [outcomes[0], outcomes.at(-1)];
  if (!first || !last) return html``;
  return html`<figure class="chart">
<figcaption>${outcomesInWords(outcomes)}</figcaption>
${outcomeBars(outcomes, outcomesInWords(outcomes))}
<p class="axis">${moment(iso(first.from))}<span>${moment(iso(last.to))}</span></p>
${legend}
${table(outcomes)}
</figure>`;
};

/** Returns outcomes over time: drawn, and as a table behind it. */
export const outcomesOverTime = (answer: OutcomesAnswer | undefined, hours: number): Html => {
  const buckets = answer?.buckets.map((bucket) => ({
    ...bucket,
    ...{ from: Date.parse(bucket.from), to: Date.parse(bucket.to) },
  }));
  return html`<section aria-labelledby="outcomes"><div class="head"><h2 id="outcomes">Outcomes over time</h2>${periodTabs(hours)}</div>
${buckets ? drawn(mergedOutcomes(buckets, barsMax)) : html`<p class="soft">Outcomes are not counted on this deployment.</p>`}
</section>`;
};
