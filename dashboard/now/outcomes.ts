import { html } from "hono/html";
import type { Html } from "../html.ts";
import { listPath } from "../messages/filter.ts";
import { counted, moment, number, when } from "../shown.ts";
import { mergedOutcomes, type Outcomes, outcomeBars, sumOf } from "./bars.ts";
import type { NowAnswers } from "./read.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A stretch of time that outcomes are shown for: so many bars of such a length. */
export type Period = {
  readonly hours: number;
  readonly name: string;
  readonly bars: number;
  readonly barMs: number;
};

export const periods = [
  { hours: 1, name: "1 h", bars: 12, barMs: 5 * minuteMs },
  { hours: 6, name: "6 h", bars: 24, barMs: 15 * minuteMs },
  { hours: 24, name: "24 h", bars: 48, barMs: 30 * minuteMs },
  { hours: 168, name: "7 d", bars: 42, barMs: 4 * hourMs },
] as const satisfies readonly Period[];

/** Returns when the first bar of a period begins, of which the last one is going on. */
export const beginOf = ({ bars, barMs }: Period, now: number): number =>
  now - (now % barMs) - (bars - 1) * barMs;

const periodTabs = (period: Period): Html => html`<nav class="tabs" aria-label="Period">
${periods.map(({ hours, name }) => html`<a class="tab" href="/dashboard?hours=${hours}"${when(hours === period.hours, 'aria-current="page"')}>${name}</a>`)}</nav>`;

const legend = html`<ul class="chart-legend">
<li><span class="swatch completed"></span>accepted, above the line</li>
<li><span class="swatch failed"></span>FAILED, below it</li>
<li><span class="swatch retried"></span>failed, then retried</li>
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
<thead><tr><th scope="col">From</th><th scope="col" class="number">Accepted</th><th scope="col" class="number">Retried</th><th scope="col" class="number">FAILED</th></tr></thead>
<tbody>${[...outcomes].reverse().map(row)}</tbody></table></div></details>`;

const failedIn = (outcomes: readonly Outcomes[], failed: number): Html | string => {
  const [first, last] = [outcomes[0], outcomes.at(-1)];
  if (failed === 0 || !first || !last) return counted(failed, "message");
  const filter = { status: "FAILED", from: iso(first.from), to: iso(last.to) };
  return html`<a href="${listPath(filter)}">${counted(failed, "message")}</a>`;
};

const accepted = (outcomes: readonly Outcomes[], completed: number, isListed: boolean): Html => {
  const [first, last] = [outcomes[0], outcomes.at(-1)];
  const text = counted(completed, "attempt");
  if (completed === 0 || !first || !last || !isListed) return html`${text}`;
  const filter = { status: "COMPLETED", from: iso(first.from), to: iso(last.to) };
  return html`<a href="${listPath(filter)}">${text}</a>`;
};

const inWords = (outcomes: readonly Outcomes[], isListed: boolean): Html => {
  const { completed, retried, failed } = sumOf(outcomes);
  return html`About ${accepted(outcomes, completed, isListed)} ${completed === 1 ? "was" : "were"} accepted, ${number(retried)} failed and ${retried === 1 ? "is" : "are"} retried, and ${failedIn(outcomes, failed)} FAILED.`;
};

const drawn = (outcomes: readonly Outcomes[], isListed: boolean): Html => {
  const [first, last] = [outcomes[0], outcomes.at(-1)];
  if (!first || !last) return html``;
  return html`<figure class="chart">
<figcaption>${inWords(outcomes, isListed)}</figcaption>
${outcomeBars(outcomes, "Outcomes over time as bars. The table below says the same.")}
<p class="axis">${moment(iso(first.from))}<span>${moment(iso(last.to))}</span></p>
${legend}
<p class="hint">Workers count as they go, and a crash may leave these numbers a little short. Waiting and
Undelivered above are read from indexes.</p>
${table(outcomes)}
</figure>`;
};

/** Returns outcomes over time: drawn, and as a table behind it. */
export const outcomesOverTime = (
  { outcomes, isListed }: Pick<NowAnswers, "outcomes" | "isListed">,
  period: Period,
): Html => {
  const buckets = outcomes?.buckets.map((bucket) => ({
    ...bucket,
    ...{ from: Date.parse(bucket.from), to: Date.parse(bucket.to) },
  }));
  return html`<section aria-labelledby="outcomes"><div class="head"><h2 id="outcomes">Outcomes over time</h2>${periodTabs(period)}</div>
${buckets ? drawn(mergedOutcomes(buckets, period.barMs), isListed) : html`<p class="soft">Outcomes are not counted on this deployment (<code>POSTRIDER_COUNT_OUTCOMES</code>).</p>`}
</section>`;
};
