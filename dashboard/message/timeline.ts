import { html } from "hono/html";
import type { HistoryEvent } from "../../client/answers.ts";
import type { Html } from "../html.ts";
import { badge, counted, given, moment } from "../shown.ts";

type ActionEvent = Extract<HistoryEvent, { kind: "action" }>;

const byWhom = ({ by: { keyId, address, jobId } }: ActionEvent): string => {
  if (jobId !== undefined) return `by the job ${jobId}`;
  return [keyId && `by the key ${keyId}`, address && `from ${address}`].filter(Boolean).join(" ");
};

const actionInWords = (event: ActionEvent): Html => html`<b>${event.action}</b> ${byWhom(event)},
which found it ${event.found}${event.refused ? ": refused" : ""}`;

const inWords = (event: HistoryEvent): Html => {
  switch (event.kind) {
    case "submitted":
      return html`<b>Submitted</b>`;
    case "state":
      return html`${badge(event.status)}`;
    case "attempt":
      return html`Attempt ${event.number} ${badge(event.outcome)} ${event.status ?? given(event.class ?? "")}`;
    case "action":
      return actionInWords(event);
    default:
      return html`<span class="soft">an event of a newer version</span>`;
  }
};

/** So many of the latest events are on a page. */
const shownMax = 60;

const earlier = (count: number): Html | string =>
  count > 0
    ? html`<p class="hint">${counted(count, "earlier event")}: the HTTP interface has all of them.</p>`
    : "";

/** Returns what happened to a message, in order. */
export const timeline = (events: readonly HistoryEvent[]): Html => html`<h2>Timeline</h2>
${earlier(events.length - shownMax)}
<ol class="timeline">${events
  .slice(-shownMax)
  .map((event) => html`<li>${moment(event.at)} <span>${inWords(event)}</span></li>`)}</ol>
<p class="hint">Of each state only the last time is kept.</p>`;
